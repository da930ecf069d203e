"""Attempts to make a small real project skip what must run, or run what must not.

    python benchmarks/attacks.py [part of a name]

A project of two drawn sources, a voter and two variants is built by the real stages. Each attack
gets a copy of it. It says beforehand, from what the edit means, which jobs must run, and that is
compared with what `snakemake -n` plans. Some attacks run instead: what they leave must be, byte for
byte, what a build from scratch of the same files leaves. A training that must run and does not is a
wrong skip; one that runs and must not is a wrong rerun.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from running import write_project  # noqa: E402
from toy import GRAPH, PRIVATE, Toy, make_environment  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results" / "attacks.json"
MADE = ("data", "models", "metrics", "provenance")
KILLS = 10

Jobs = dict[str, int]

SUMMED: Jobs = {"compare": 1, "suspects": 1, "plots": 1, "slices": 1, "card": 2, "page": 1}
MEASURED: Jobs = {"predict": 1, "measure": 1, "variant_page": 1}
YOLO: Jobs = {"train_yolo": 1, **MEASURED, **SUMMED}
RESNET: Jobs = {"train_resnet": 1, **MEASURED, **SUMMED}
BOTH: Jobs = {
    **{"train_yolo": 1, "train_resnet": 1, "predict": 2, "measure": 2, "variant_page": 2},
    **SUMMED,
}
VOTED: Jobs = {"consensus": 1, "agreement": 1, "second_look": 1, "statement": 1}
LABELLED: Jobs = {**VOTED, "split": 1, **BOTH}
INDEXED: Jobs = {"index": 1, "attribution": 1, "simulate": 1, **LABELLED}
TRAINING = ("train_yolo", "train_resnet")

YOLO_RUN, RESNET_RUN = "models/small-yolo/seed-0", "models/small-resnet/seed-0"
CODE = "from mien.cli import main\n\nmain()\n"


class Attack:
    """What is done to a project, and the jobs that it means."""

    def __init__(self, name: str, act: Callable[[Toy], object], expected: Jobs) -> None:
        self.name, self.act, self.expected = name, act, expected


# what is done


def edit(name: str, *pairs: tuple[str, str]) -> Callable[[Toy], None]:
    """Replace the first occurrence of each text."""

    def act(project: Toy) -> None:
        for old, new in pairs:
            project.edit(name, old, new)

    return act


def setting(place: str, value: object) -> Callable[[Toy], None]:
    """Set one setting, such as `evaluate.confidence`."""

    def act(project: Toy) -> None:
        path = project.folder / "params.yaml"
        content = yaml.safe_load(path.read_text())
        *parents, name = place.split(".")
        section = content
        for parent in parents:
            section = section[parent]
        section[name] = value
        path.write_text(yaml.safe_dump(content, sort_keys=False))

    return act


def settings(change: Callable[[dict], object]) -> Callable[[Toy], None]:
    """Change the settings by a function."""

    def act(project: Toy) -> None:
        path = project.folder / "params.yaml"
        content = yaml.safe_load(path.read_text())
        change(content)
        path.write_text(yaml.safe_dump(content, sort_keys=False))

    return act


def code(name: str, text: str = "\nLIMIT_OF_NOTHING = 3\n") -> Callable[[Toy], None]:
    """Add to a module."""

    def act(project: Toy) -> None:
        path = project.folder / "src" / "mien" / name
        path.write_text(path.read_text() + text)

    return act


def do(*acts: Callable[[Toy], object]) -> Callable[[Toy], None]:
    """Do one after the other."""

    def act(project: Toy) -> None:
        for one in acts:
            one(project)

    return act


def command(*words: str) -> Callable[[Toy], object]:
    """Run a command of the environment, however it ends."""
    return lambda project: project.run(*words, check=False)


def in_place(name: str, old: bytes, new: bytes) -> Callable[[Toy], None]:
    """Edit without another size, file or time."""

    def act(project: Toy) -> None:
        path = project.folder / name
        times, content = path.stat(), path.read_bytes()
        assert len(old) == len(new)
        assert old in content
        path.chmod(0o644)
        path.write_bytes(content.replace(old, new, 1))
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    return act


def flip(name: str) -> Callable[[Toy], None]:
    """Change a byte in the middle, with its old time put back."""

    def act(project: Toy) -> None:
        path = project.folder / name
        times, content = path.stat(), bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.chmod(0o644)
        path.write_bytes(content)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    return act


def swap(one: str, other: str) -> Callable[[Toy], None]:
    """Swap two files together with their times."""

    def act(project: Toy) -> None:
        first, second = project.folder / one, project.folder / other
        aside = first.with_name("aside")
        for source, target in ((first, aside), (second, first), (aside, second)):
            subprocess.run(["cp", "-p", "-f", str(source), str(target)], check=True)
        aside.unlink()

    return act


def delete(name: str) -> Callable[[Toy], None]:
    """Delete a file or a folder."""

    def act(project: Toy) -> None:
        path = project.folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return act


def touch_all(step_s: int) -> Callable[[Toy], None]:
    """Give every file a time of its own, in the reverse order of the names, or in it."""

    def act(project: Toy) -> None:
        names = sorted(project.folder.rglob("*"), reverse=step_s < 0)
        for number, path in enumerate(names):
            if ".git" not in path.parts and ".dvc" not in path.parts:
                at = time.time() - len(names) + number
                os.utime(path, (at, at))

    return act


def remarks(project: Toy) -> None:
    """Edit a docstring of every module, and add a comment."""
    for path in (project.folder / "src").rglob("*.py"):
        text = path.read_text().replace('"""', '"""In other words: ', 1)
        path.write_text(text + "\n# a remark\n")


def reorder_sources(project: Toy) -> None:
    """Turn the order of the sources round."""
    path = project.folder / "data" / "sources.csv"
    header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([header, *reversed(rows)]) + "\n")


def append(name: str, text: str) -> Callable[[Toy], None]:
    """Add to a file."""

    def act(project: Toy) -> None:
        with (project.folder / name).open("a") as file:
            file.write(text)

    return act


def second_voter(project: Toy) -> None:
    """Let bea vote as ada did."""
    text = (project.folder / "data/ballots/ada.csv").read_text()
    (project.folder / "data/ballots/bea.csv").write_text(text.replace(",ada,", ",bea,"))


def move(*, keep_times: bool) -> Callable[[Toy], None]:
    """Put a copy of the folder in its place."""

    def act(project: Toy) -> None:
        aside = project.folder.with_name("moved")
        how = shutil.copy2 if keep_times else shutil.copy
        shutil.copytree(project.folder, aside, copy_function=how, symlinks=True)
        shutil.rmtree(project.folder)
        aside.rename(project.folder)

    return act


def clone(project: Toy) -> None:
    """Put a pulled clone in its place."""
    aside = project.folder.with_name("cloned")
    project.run("git", "clone", "--quiet", str(project.folder), str(aside))
    project.at(aside).run("dvc", "pull", "--quiet")
    shutil.rmtree(project.folder)
    aside.rename(project.folder)


def branch(name: str) -> Callable[[Toy], None]:
    """Check out a branch and its results."""
    return do(
        command("git", "checkout", "--quiet", name),
        command("dvc", "checkout", "--quiet", "--force"),
    )


def rename_variant(content: dict) -> None:
    """Call a variant otherwise."""
    content["variants"]["tiny-yolo"] = content["variants"].pop("small-yolo")


def reorder_keys(content: dict) -> None:
    """Turn the order of the settings round, that of the variants left as it is."""
    for name, section in content.items():
        if isinstance(section, dict) and name != "variants":
            content[name] = dict(reversed(section.items()))
    for name, variant in content["variants"].items():
        content["variants"][name] = dict(reversed(variant.items()))


def swap_epochs(content: dict) -> None:
    """Swap the epochs of the two variants."""
    yolo, resnet = content["variants"]["small-yolo"], content["variants"]["small-resnet"]
    yolo["epochs"], resnet["epochs"] = resnet["epochs"], yolo["epochs"]


def without_resnet(content: dict) -> None:
    """Remove a variant."""
    del content["variants"]["small-resnet"]


def longer(project: Toy) -> None:
    """Train one variant for an epoch more."""
    setting("variants.small-yolo.epochs", 3)(project)


WITHDRAWN = f"item,{64 * '0'},2026-01-02T03:04:05Z\n"
ONE_FEWER: Jobs = {**SUMMED, "card": 1}
SHARD: Jobs = {"draw": 1, "detect": 1, "tally": 1, **INDEXED}

ATTACKS = [
    # settings that matter
    Attack("epochs of one variant", longer, YOLO),
    Attack(
        "a setting of the other variant", setting("variants.small-resnet.settings.batch", 8), RESNET
    ),
    Attack(
        "two values swapped within a variant",
        edit("params.yaml", ("lr0: 0.001", "lr0: 0.2"), ("scale: 0.2", "scale: 0.001")),
        YOLO,
    ),
    Attack("epochs swapped between variants", settings(swap_epochs), BOTH),
    Attack("one more seed", setting("variants.small-yolo.seeds", [0, 1]), YOLO),
    Attack("the margin of crops", setting("faces.margin", 0.2), {"detect": 2, **INDEXED}),
    Attack("what only the index reads", setting("faces.max_phash_distance", 9), INDEXED),
    Attack("the quorum", setting("labels.quorum", 2), LABELLED),
    Attack(
        "the seed of the split",
        setting("train.split.seed", 1),
        {"split": 1, "statement": 1, **BOTH},
    ),
    Attack(
        "the confidence of intervals",
        setting("evaluate.confidence", 0.9),
        {"measure": 2, "compare": 1, "slices": 1, "card": 2, "variant_page": 2, "page": 1},
    ),
    Attack("what only the overview reads", setting("report.scenes_per_source", 1), {"page": 1}),
    Attack(
        "what only a variant's page reads", setting("report.faces_per_cell", 1), {"variant_page": 2}
    ),
    Attack("a renamed variant", settings(rename_variant), YOLO),
    Attack("a removed variant", settings(without_resnet), ONE_FEWER),
    # settings that do not
    Attack("remarks in the settings", append("params.yaml", "\n# a remark\n"), {}),
    Attack("settings in another order", settings(reorder_keys), {}),
    Attack("a number written otherwise", edit("params.yaml", ("lr0: 0.001", "lr0: 1.0e-3")), {}),
    Attack("a setting of the running classifier", setting("live.lead", 0.3), {}),
    Attack("an edit that is undone", do(longer, setting("variants.small-yolo.epochs", 2)), {}),
    # tables
    Attack(
        "a vote of the same size, with its old time",
        in_place("data/ballots/ada.csv", b",happy,0", b",angry,0"),
        LABELLED,
    ),
    Attack(
        "ballots with a new time",
        lambda project: (project.folder / "data/ballots/ada.csv").touch(),
        {},
    ),
    Attack("one more voter", second_voter, {"simulate": 1, **LABELLED}),
    Attack("a voter less", delete("data/ballots/ada.csv"), {"simulate": 1, **LABELLED}),
    Attack("sources in another order", reorder_sources, {"tally": 1, **INDEXED}),
    Attack("a larger source", edit("data/sources.csv", ("happy-1,8", "happy-1,9")), SHARD),
    Attack(
        "another hoped-for expression",
        edit("data/sources.csv", ("8,happy", "8,angry")),
        {"tally": 1, **INDEXED},
    ),
    Attack("a renamed source", edit("data/sources.csv", ("glad,", "merry,")), SHARD),
    Attack("one more source", append("data/sources.csv", "both,drawn,mixed-1,4,,\n"), SHARD),
    Attack("a withdrawal", append("data/withdrawn.csv", WITHDRAWN), INDEXED),
    # outputs
    Attack(
        "models swapped with their times",
        do(
            swap(f"{YOLO_RUN}/history.csv", f"{RESNET_RUN}/history.csv"),
            swap(f"{YOLO_RUN}/model.json", f"{RESNET_RUN}/model.json"),
        ),
        BOTH,
    ),
    Attack("a byte of a model", flip(f"{YOLO_RUN}/model.pt"), YOLO),
    Attack("a deleted model", delete(f"{YOLO_RUN}/model.pt"), YOLO),
    Attack("a byte of the crops", flip("data/faces/glad.parquet"), {"detect": 1, **INDEXED}),
    Attack("an edited report", append("metrics/report.html", "<p>97 %</p>"), {"page": 1}),
    Attack("no memory of Snakemake's", delete(".snakemake"), {}),
    Attack(
        "an empty cache of hashes",
        lambda project: (project.folder / ".snakemake/mien.json").write_text(""),
        {},
    ),
    # code
    Attack("remarks in the code", remarks, {}),
    Attack(
        "a statement of one family's training",
        code("train/resnet.py"),
        # one command predicts by either family
        {"train_resnet": 1, "predict": 2, "measure": 2, "variant_page": 2, **SUMMED},
    ),
    Attack("a statement of the detection", code("faces/crop.py"), {"detect": 2, **INDEXED}),
    Attack("a statement of a page", code("report/page/overview.py"), {"page": 1}),
    Attack("a statement of the running classifier", code("live/track.py"), {}),
    Attack(
        "another command of a rule",
        edit("workflow/rules/evaluate.smk", ("mien evaluate measure", "mien  evaluate measure")),
        {"measure": 2, "card": 2, "variant_page": 2, "page": 1},
    ),
    # times, places, branches
    Attack("times in the order of the names", touch_all(1), {}),
    Attack("times in the reverse order of the names", touch_all(-1), {}),
    Attack("a copied folder", move(keep_times=False), {}),
    Attack("a copied folder with its times", move(keep_times=True), {}),
    Attack("a pulled clone", clone, {}),
    Attack("another branch, checked out with its results", branch("longer"), {}),
    Attack("another branch and back", do(branch("longer"), branch("main")), {}),
    Attack(
        "settings of the other branch",
        command("git", "checkout", "--quiet", "longer", "--", "params.yaml"),
        YOLO,
    ),
    Attack(
        "models of the other branch",
        do(
            command("git", "checkout", "--quiet", "longer", "--", "dvc.lock"),
            command("dvc", "checkout", "--quiet", "--force", "models"),
            command("git", "checkout", "--quiet", "main", "--", "dvc.lock"),
        ),
        YOLO,
    ),
    # options
    Attack(
        "touched after an edit",
        do(longer, command("snakemake", "--cores", "2", "--touch", "--forceall")),
        YOLO,
    ),
    Attack(
        "passed over by times after an edit",
        do(longer, command("snakemake", "--cores", "2", "--rerun-triggers", "mtime")),
        YOLO,
    ),
    Attack(
        "records cleaned up",
        command("snakemake", "--cleanup-metadata", f"{YOLO_RUN}/model.pt", "data/labels.csv"),
        {},
    ),
]


# the project


def build(place: Path) -> Toy:
    """Build the project on two branches, committed and pushed; leave the branch main."""
    main = place / "main.py"
    main.write_text(CODE)
    make_environment(place / "environment", main)
    project = Toy(place / "project", place / "environment")
    write(project)
    project.run("git", "init", "--quiet")
    project.run("dvc", "remote", "add", "--default", "--quiet", "shelf", str(place / "shelf"))
    for name, act in {"main": None, "longer": longer}.items():
        if act:
            project.run("git", "checkout", "--quiet", "-b", name)
            act(project)
        project.snakemake()
        project.commit(name)
        project.run("dvc", "push", "--quiet")
    branch("main")(project)
    assert project.planned() == {}
    return project


def write(project: Toy) -> None:
    """Write what is made by hand: the code, the settings, the sources, the ballots of a voter."""
    write_project(project.folder)
    for name in GRAPH:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, project.folder / name, ignore=PRIVATE)
        else:
            shutil.copy(source, project.folder / name)
    for name in ("second_look.csv", "test_openings.csv"):
        shutil.copy(ROOT / "data" / name, project.folder / "data")
    project.snakemake("faces")
    vote(project.folder)


def vote(folder: Path) -> None:
    """Let ada say of every fourth face what its source hoped for."""
    import pandas as pd

    faces = pd.read_csv(folder / "data/faces.csv", dtype="string")
    faces = faces[faces.status == "kept"].iloc[::4]
    box = ["face_id", "scene_id", "x", "y", "width", "height"]
    ballots = faces[box].assign(
        voter="ada", round="label", vote=faces.expression, repeat=0, cast_at="2026-01-02T03:04:05Z"
    )
    (folder / "data/ballots").mkdir()
    ballots.to_csv(folder / "data/ballots/ada.csv", index=False)


def copy(project: Toy, folder: Path) -> Toy:
    """Return a copy of the project, in place of what lay in the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(project.folder, folder, symlinks=True)
    return project.at(folder)


def made(project: Toy) -> dict[str, bytes]:
    """Return every file of the project that is made, and what it holds."""
    files = (path for name in MADE for path in (project.folder / name).rglob("*"))
    return {
        path.relative_to(project.folder).as_posix(): path.read_bytes()
        for path in files
        if path.is_file() and not path.name.startswith(".")
    }


def from_scratch(project: Toy, folder: Path) -> dict[str, bytes]:
    """Return what a build of the same files leaves where nothing was made before."""
    fresh = copy(project, folder)
    for name in (".snakemake", "models", "provenance", "dvc.lock", *unmade(fresh)):
        path = fresh.folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    fresh.snakemake()
    return made(fresh)


def unmade(project: Toy) -> list[str]:
    """Return what `git` ignores or what is a figure, which is what was made."""
    ignored = project.run("git", "ls-files", "--others", "--ignored", "--exclude-standard")
    return [
        *ignored.splitlines(),
        *(f"metrics/{p.name}" for p in (project.folder / "metrics").iterdir()),
    ]


# the runs


def check(base: Toy, folder: Path, attack: Attack) -> dict:
    """Return what was expected and what is planned."""
    project = copy(base, folder)
    attack.act(project)
    planned = project.planned()
    expected = attack.expected
    return {
        "attack": attack.name,
        "as_expected": planned == expected,
        **({} if planned == expected else {"expected": expected, "planned": planned}),
        "skipped": sum(max(0, expected.get(n, 0) - planned.get(n, 0)) for n in TRAINING),
        "rerun": sum(max(0, planned.get(n, 0) - expected.get(n, 0)) for n in TRAINING),
    }


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """Return the files that are not the same in both."""
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


def run_killed(base: Toy, folder: Path) -> dict:
    """Build from scratch, killed again and again at random moments; compare with the build."""
    expected = made(base)
    project = copy(base, folder)
    for name in (".snakemake", "dvc.lock", "models", "provenance", *unmade(project)):
        path = project.folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    chance, kills = random.Random(0), 0
    while kills < KILLS:
        run = subprocess.Popen(
            ["snakemake", "--cores", "2"], cwd=project.folder, env=project.variables(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            run.wait(chance.uniform(3, 20))
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            kills += 1
            project.run("snakemake", "--unlock")
            continue
        delete(f"{YOLO_RUN}")(project)  # it was done: something must be left to kill
    project.snakemake()
    return {"kills": kills, "differing": differing(made(project), expected)}


def run_edited(base: Toy, folder: Path) -> dict:
    """Edit settings and code while a model is trained; then let it be finished."""
    project = copy(base, folder)
    longer(project)
    wanted = made(branched(base, folder.with_name("wanted")))
    run = subprocess.Popen(
        ["snakemake", "--cores", "2"], cwd=project.folder, env=project.variables(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    log = project.folder / "logs/train/small-yolo-seed-0.log"
    log.unlink(missing_ok=True)
    while not log.exists() and run.poll() is None:
        time.sleep(0.05)
    setting("variants.small-yolo.epochs", 4)(project)
    code("train/yolo.py")(project)
    run.wait()
    longer(project)
    text = (base.folder / "src/mien/train/yolo.py").read_text()
    (project.folder / "src/mien/train/yolo.py").write_text(text)
    project.snakemake()
    return {"differing": differing(made(project), wanted)}


def branched(base: Toy, folder: Path) -> Toy:
    """Return a copy of the project on its branch longer."""
    project = copy(base, folder)
    branch("longer")(project)
    return project


def run_back_and_forth(base: Toy, folder: Path) -> dict:
    """Train longer, then as before: what is left must be what was there."""
    project = copy(base, folder)
    longer(project)
    project.snakemake()
    there = differing(made(project), made(branched(base, folder.with_name("wanted"))))
    project.run("git", "checkout", "--quiet", "--", "params.yaml")
    project.snakemake()
    return {"differing": [*there, *differing(made(project), made(base))]}


def run_vote(base: Toy, folder: Path) -> dict:
    """Change a vote with its old time put back; compare with a build from scratch."""
    project = copy(base, folder)
    in_place("data/ballots/ada.csv", b",happy,0", b",angry,0")(project)
    project.snakemake()
    return {
        "differing": differing(made(project), from_scratch(project, folder.with_name("wanted")))
    }


RUNS = {
    "killed at ten random moments": run_killed,
    "settings and code edited while a model is trained": run_edited,
    "another length and back": run_back_and_forth,
    "a vote of the same size, run": run_vote,
}


def main(part: str) -> int:
    """Attack, print and keep what came of it; return the number of surprises."""
    with tempfile.TemporaryDirectory(prefix="mien-attacks-") as name:
        base = build(Path(name))
        attacks = [attack for attack in ATTACKS if part in attack.name]
        rows = []
        for attack in attacks:
            rows.append(check(base, Path(name, "attacked"), attack))
            print(json.dumps(rows[-1]), flush=True)
        runs = {}
        for title, run in RUNS.items():
            if part in title:
                runs[title] = run(base, Path(name, "attacked"))
                print(title, json.dumps(runs[title]), flush=True)
    content = {
        "attacks": len(rows),
        "wrong_skips_of_trainings": sum(row["skipped"] for row in rows),
        "wrong_reruns_of_trainings": sum(row["rerun"] for row in rows),
        "other_surprises": [row for row in rows if not row["as_expected"]],
        "runs": runs,
        "names": [row["attack"] for row in rows],
    }
    if not part:
        RESULTS.write_text(json.dumps(content, indent=2) + "\n")
    return len(content["other_surprises"]) + sum(bool(run["differing"]) for run in runs.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "") > 0)
