"""DVC's stages and Snakemake's rules speak of the same files and settings."""

import json
import re
from pathlib import Path

import pytest
import yaml
from toy import ROOT

from mien.errors import MienError
from mien.train.families import FAMILIES
from workflow.lib.stages import Stages

STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
OUTS = {
    out if isinstance(out, str) else next(iter(out)): name
    for name, stage in STAGES.items()
    for kind in ("outs", "metrics", "plots")
    for out in stage.get(kind, [])
}


def owners(path: str) -> list[str]:
    return [stage for out, stage in OUTS.items() if f"{path}/".startswith(f"{out}/")]


def entries(toy):
    """Yield stage, output and record of every output that was made."""
    for name in STAGES:
        ledger = json.loads((toy.folder / f"provenance/{name}.json").read_text())
        yield from ((name, path, entry["record"]) for path, entry in ledger["outputs"].items())


def test_every_output_of_every_rule_has_one_owner(pushed):
    written = [
        path
        for rules in (ROOT / "workflow" / "rules").glob("*.smk")
        for block in re.findall(r"^    output:\n((?:        .+\n)+)", rules.read_text(), re.M)
        for path in re.findall(r'"(.+?)"', block)
    ]
    assert len(written) > 15
    for path in [*written, *(path for _, path, _ in entries(pushed))]:
        assert len(owners(path)) == 1, path


def test_every_ledger_names_the_outputs_of_its_own_stage(pushed):
    assert all(owners(path) == [stage] for stage, path, _ in entries(pushed))
    rules = {record["rule"] for _, _, record in entries(pushed)}
    everything = re.findall(r"^rule (\w+):", all_rules(), re.M)
    everything += [f"train_{family}" for family in FAMILIES]
    assert rules == set(everything) - {
        "folder",
        "flickr",
        "video",
        *("features", "train_probe"),
    }  # the toy has drawn sources only, and no probe


def all_rules() -> str:
    return "".join(path.read_text() for path in (ROOT / "workflow" / "rules").glob("*.smk"))


def test_every_section_that_a_rule_reads_is_a_parameter_of_its_stage(pushed):
    read = {name: set() for name in STAGES}
    for stage, _, record in entries(pushed):
        for text in map(str, record["params"]):
            if text.startswith("'{"):
                read[stage] |= {name.split(".")[0] for name in json.loads(text.strip("'"))}
    assert read["faces"] == {"faces"}
    assert {"labels", "train", "evaluate", "report", "variants"} <= read["experiment"]
    for stage, sections in read.items():
        assert sections - {"url", "path", "sha256"} <= set(STAGES[stage]["params"]), stage


def test_every_input_of_a_rule_is_a_dependency_or_an_output_of_its_stage(pushed):
    for stage, output, record in entries(pushed):
        for path in record["input"] or []:
            known = [*STAGES[stage]["deps"], *(out for out, name in OUTS.items() if name == stage)]
            assert any(f"{path}/".startswith(f"{place}/") for place in known), (output, path)


def test_no_lock_and_no_output_of_dvc_is_in_the_repository():
    ignored = (ROOT / ".gitignore").read_text().split()
    in_git = {
        "metrics/agreement.json",
        "metrics/summary.json",
        "metrics/summary.csv",
        "metrics/confusion.csv",
        "metrics/learning.csv",
    }
    for out in set(OUTS) - in_git:
        assert {f"/{out}", f"/{out}/", f"/{Path(out).parts[0]}/"} & set(ignored), out
    assert not (ROOT / "dvc.lock").exists()


POSTER = """\
  poster:
    cmd: mkdir -p poster && cp metrics/summary.csv poster/
    deps: [metrics/summary.csv]
    outs: [poster]
"""


def test_a_stage_of_the_users_own_is_left_alone(clone):
    path = clone.folder / "dvc.yaml"
    path.write_text(path.read_text() + POSTER)
    clone.run("dvc", "repro", "poster")
    clone.edit("params.yaml", "epochs: 20", "epochs: 21")
    clone.snakemake()
    assert (clone.folder / "poster/summary.csv").is_file()
    assert "poster" in clone.run("dvc", "status", check=False)  # its summary is another


def test_a_rule_that_is_no_more_takes_its_outputs_along(clone):
    path = clone.folder / "dvc.yaml"
    text = path.read_text()
    path.write_text(text[: text.index("      - metrics/learning.csv")])
    clone.edit("workflow/rules/evaluate.smk", '        learning="metrics/learning.csv",\n', "")
    clone.edit(
        "workflow/rules/evaluate.smk", "--learning {output.learning:q}", "--learning /dev/null"
    )
    clone.edit("Snakefile", '        "metrics/learning.csv",\n', "")
    assert clone.planned() == {"plots": 1}
    clone.snakemake()
    assert clone.planned() == {}


def test_an_output_added_to_a_rule_hides_no_change(clone):
    rules = clone.folder / "workflow/rules/train.smk"
    old = '            history="models/{variant}/{run}/history.csv",\n'
    rules.write_text(rules.read_text().replace(old, old + old.replace("history", "curve")))
    clone.edit("params.yaml", "epochs: 20", "epochs: 21")
    planned = clone.planned()
    assert planned["train_yolo"] == 2
    assert planned["train_resnet"] == 1


def test_a_dvc_yaml_without_stages_of_mien_is_refused(tmp_path):
    (tmp_path / "dvc.yaml").write_text("stages:\n" + POSTER)
    with pytest.raises(MienError, match="has none of mien's stages"):
        Stages(tmp_path / "dvc.yaml")


def test_an_output_without_a_stage_stops_before_any_job(clone):
    clone.edit("workflow/rules/report.smk", "metrics/report.html", "elsewhere/report.html")
    clone.edit("Snakefile", "metrics/report.html", "elsewhere/report.html")
    printed = clone.snakemake(check=False)
    assert "elsewhere/report.html, of rule page, has no stage in dvc.yaml" in printed
    assert clone.ran() == []
