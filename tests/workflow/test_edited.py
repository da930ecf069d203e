"""What was edited, replaced or swapped is made anew, and nothing else; content decides, not time."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

REPORT = {"compare": 1, "suspects": 1, "plots": 1, "slices": 1, "card": 3, "page": 1}
PAGES = {"variant_page": 3}
TRAINED = {"train_yolo": 2, "train_resnet": 1, "predict": 3, "measure": 3, **PAGES, **REPORT}
VOTED = {"consensus": 1, "agreement": 1, "second_look": 1, "statement": 1}
LABELLED = {**VOTED, "split": 1, **TRAINED}
INDEXED = {"index": 1, "simulate": 1, "attribution": 1, **LABELLED}


def replace_in_place(path: Path, old: bytes, new: bytes) -> None:
    """Edit without another size, file or time."""
    times = path.stat()
    content = path.read_bytes()
    assert old in content
    assert len(old) == len(new)
    path.chmod(0o644)
    path.write_bytes(content.replace(old, new, 1))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_one_more_ballot_reruns_the_labels_and_what_follows(clone):
    (clone.folder / "data/ballots/bea.csv").write_text("face_id,vote\n1,angry\n")
    assert clone.planned() == {"simulate": 1, **LABELLED}  # for one voter less


def test_where_no_number_of_voters_is_set_people_vote_alone_and_nobody_is_simulated(clone):
    clone.edit("params.yaml", "voters: 4", "voters: null")
    assert clone.planned() == LABELLED
    (clone.folder / "data/ballots/ada.csv").write_text("face_id,vote\n")  # and no answer
    assert clone.planned() == {"simulate": 1, **LABELLED}


def test_a_second_look_reruns_the_count_of_what_it_changed_and_the_overview(clone):
    with (clone.folder / "data/second_look.csv").open("a") as looks:
        looks.write("1,happy,angry,0.1,2026-05-01T10:00:00.000Z\n")
    assert clone.planned() == {"second_look": 1, "page": 1}


def test_one_more_source_adds_its_shard_and_what_follows(clone):
    with (clone.folder / "data/sources.csv").open("a") as sources:
        sources.write("both,drawn,mixed-1,4,,\n")
    assert clone.planned() == {"draw": 1, "detect": 1, "tally": 1, **INDEXED}


def test_a_withdrawal_acquires_and_detects_nothing(clone):
    with (clone.folder / "data/withdrawn.csv").open("a") as withdrawn:
        withdrawn.write(f"item,{64 * '0'},2026-01-02T03:04:05Z\n")
    assert clone.planned() == INDEXED


def test_an_opened_test_part_is_told_by_the_cards_and_reruns_nothing_else(clone):
    with (clone.folder / "data/test_openings.csv").open("a") as openings:
        openings.write("2026-01-02T03:04:05Z,small,consensus-grouped\n")
    assert clone.planned() == {"card": 3}


def edit_settings(toy, change):
    """Change the settings as a dict."""
    path = toy.folder / "params.yaml"
    settings = yaml.safe_load(path.read_text())
    change(settings)
    path.write_text(yaml.safe_dump(settings, sort_keys=False))


def reverse_variants(settings):
    settings["variants"] = dict(reversed(settings["variants"].items()))


def rename_weights_that_nobody_uses(settings):
    weights = settings["acquire"]["weights"]
    weights["other.onnx"] = weights.pop("face_detection_yunet_2023mar.onnx")


def change_what_only_servers_see(settings):
    settings["acquire"] |= {"timeout_s": 31, "tries": 5, "sleep_s": 0}


def change_what_only_voters_see(settings):
    settings["labels"]["vote"] = {"repeat_share": 0.1, "tags": ["hat"]}


def change_what_only_exports_have(settings):
    settings["live"]["lead"] = 0.3


def test_another_order_of_variants_is_that_of_the_tables_which_list_them(clone):
    edit_settings(clone, reverse_variants)
    assert clone.planned() == {"plots": 1}


def test_another_order_of_seeds_is_that_of_the_tables_and_pages_which_list_them(clone):
    edit_settings(clone, lambda settings: settings["variants"]["small"].update(seeds=[0, 1]))
    clone.snakemake()
    edit_settings(clone, lambda settings: settings["variants"]["small"].update(seeds=[1, 0]))
    assert clone.planned() == {"plots": 1, "page": 1, "variant_page": 1, "card": 1}


@pytest.mark.parametrize(
    "change",
    [
        rename_weights_that_nobody_uses,
        change_what_only_servers_see,
        change_what_only_voters_see,
        change_what_only_exports_have,
    ],
)
def test_an_edit_that_nothing_made_shows_reruns_nothing(clone, change):
    edit_settings(clone, change)
    assert clone.planned() == {}


def test_another_rule_of_consensus_lets_nobody_vote_anew(clone):
    edit_settings(clone, lambda settings: settings["labels"].update(rule="majority", quorum=2))
    assert clone.planned() == LABELLED


def test_settings_of_simulated_voters_rerun_nothing_where_nobody_is_simulated(clone):
    for name in ("bea", "cy", "di"):
        (clone.folder / f"data/ballots/{name}.csv").write_text("face_id,vote\n1,angry\n")
    clone.snakemake()
    edit_settings(clone, lambda settings: settings["labels"]["simulated"].update(seed=1))
    assert clone.planned() == {}


def test_two_numbers_swapped_within_a_variant_are_seen(clone):
    clone.edit("params.yaml", "lr0: 0.001", "lr0: 0.2")
    clone.edit("params.yaml", "scale: 0.2", "scale: 0.001")
    assert clone.planned()["train_yolo"] == 1


def test_an_edit_of_the_same_size_with_the_time_put_back_is_seen(clone):
    clone.planned()
    replace_in_place(clone.folder / "data/ballots/ada.csv", b"1,happy", b"2,happy")
    assert clone.planned() == LABELLED


def test_an_edited_output_with_the_time_put_back_is_made_anew(origin):
    replace_in_place(origin.folder / "data/labels.csv", b"made_of", b"mode_of")
    assert origin.planned()["consensus"] == 1


@pytest.mark.parametrize(
    "name", ["data/ballots/ada.csv", "data/labels.csv", "data/faces/glad.parquet"]
)
def test_a_file_replaced_by_an_older_one_is_seen(clone, tmp_path, name):
    (tmp_path / "older").write_text("face_id,vote\n7,angry\n")
    os.utime(tmp_path / "older", (1e9, 1e9))
    (tmp_path / "older").replace(clone.folder / name)
    assert clone.planned()["consensus"] == 1


def test_two_models_swapped_with_their_times_are_made_anew(origin):
    one, other = (
        origin.folder / "models" / name / "seed-0/model.pt" for name in ("small", "large")
    )
    aside = one.with_name("aside")
    for source, target in ((one, aside), (other, one), (aside, other)):
        subprocess.run(["cp", "-p", "-f", str(source), str(target)], check=True)
    aside.unlink()
    assert origin.planned()["train_yolo"] == 2


def test_a_file_edited_while_its_job_runs_makes_it_run_again(clone):
    (clone.folder / "data/ballots/bea.csv").write_text("face_id,vote\n1,angry\n")
    clone.hold.write_text("data/labels.csv")
    run = clone.start("snakemake", "--cores", "2", "data/labels.csv")
    clone.wait_for("data/.half-labels.csv")
    replace_in_place(clone.folder / "data/ballots/ada.csv", b"1,happy", b"2,happy")
    clone.hold.unlink()
    assert run.wait() == 0
    assert clone.planned("data/labels.csv") == {"consensus": 1}
    clone.snakemake("data/labels.csv")
    assert clone.planned("data/labels.csv") == {}


def edit_during_a_run(toy, name, old, new):
    """Edit a file while the job that makes the labels runs; return what the run printed."""
    toy.edit("params.yaml", "error_rate: 0.05", "error_rate: 0.1")
    toy.hold.write_text("data/labels.csv")
    run = toy.start("snakemake", "--cores", "2")
    toy.wait_for("data/.half-labels.csv")
    toy.edit(name, old, new)
    toy.hold.unlink()
    status, printed = run.wait(), toy.printed.read_text()
    assert status == 0, printed
    return printed


def test_settings_edited_during_a_run_do_not_reach_it_and_are_not_committed(clone):
    lock = (clone.folder / "dvc.lock").read_bytes()
    printed = edit_during_a_run(clone, "params.yaml", "epochs: 20", "epochs: 21")
    assert "mien: params.yaml changed while this ran, so that dvc.lock is as it was" in printed
    assert (clone.folder / "dvc.lock").read_bytes() == lock
    during = (clone.folder / "models/small/seed-0/model.pt").read_bytes()
    assert clone.planned()["train_yolo"] == 1
    clone.edit("params.yaml", "epochs: 21", "epochs: 20")
    assert clone.planned() == {}
    clone.snakemake("--forceall")
    assert (clone.folder / "models/small/seed-0/model.pt").read_bytes() == during


def test_code_edited_during_a_run_is_not_committed(clone):
    lock = (clone.folder / "dvc.lock").read_bytes()
    printed = edit_during_a_run(
        clone, "src/mien/train/network.py", "import io\n", "import io, abc\n"
    )
    assert "mien: src/mien/train/network.py changed while this ran" in printed
    assert (clone.folder / "dvc.lock").read_bytes() == lock
    assert clone.planned()["train_resnet"] == 1


def test_a_second_run_beside_the_first_is_refused(clone):
    clone.hold.write_text("data/labels.csv")
    clone.edit("params.yaml", "quorum: 3", "quorum: 2")
    run = clone.start("snakemake")
    clone.wait_for("data/.half-labels.csv")
    assert "what files hold is not compared" in clone.snakemake("-n", "data/faces.csv")
    printed = clone.snakemake("-R", "index", "--", "data/faces.csv", check=False)
    assert (
        "mien: wait for the other run; after a kill, `snakemake --unlock`" in printed
        or "LockException" in printed
    )
    clone.hold.unlink()
    assert run.wait() == 0
    assert "index data/faces.csv" not in clone.ran()


def test_a_statement_in_a_module_of_a_family_trains_no_other_anew(clone):
    with (clone.folder / "src/mien/train/network.py").open("a") as module:
        module.write("\nLIMIT = 3\n")
    assert clone.planned() == {
        "train_resnet": 1, "predict": 3, "measure": 3, **PAGES, **REPORT
    }  # fmt: skip


def test_a_comment_or_docstring_reruns_nothing(clone):
    for path in (clone.folder / "src").rglob("*.py"):
        path.write_text(
            path.read_text().replace('"""', '"""In other words: ', 1) + "\n# a remark\n"
        )
    assert clone.planned() == {}


def test_a_partial_run_leaves_the_lock_alone(clone):
    lock = (clone.folder / "dvc.lock").read_bytes()
    clone.edit("params.yaml", "quorum: 3", "quorum: 2")
    clone.snakemake("data/labels.csv")
    assert clone.ran() == ["consensus data/labels.csv"]
    assert (clone.folder / "dvc.lock").read_bytes() == lock


def test_what_a_removed_variant_left_is_moved_aside(clone):
    text = (clone.folder / "params.yaml").read_text()
    start, end = text.index("  small:"), text.index("  large:")
    (clone.folder / "params.yaml").write_text(text[:start] + text[end:])
    printed = clone.snakemake()
    assert "not asked for any more, moved into .mien/leftovers/" in printed
    assert not (clone.folder / "models/small").exists()
    assert (clone.folder / ".mien/leftovers/models/small/seed-0/model.pt").is_file()
    assert clone.run("dvc", "status", "--quiet") == ""
    assert clone.planned() == {}


def test_what_a_kill_left_half_written_does_not_enter_dvc(clone):
    for name in ("data/faces/.glad-x1.parquet", "models/small/seed-0/.model-x1.pt"):
        (clone.folder / name).write_text("half")
    clone.edit("params.yaml", "quorum: 3", "quorum: 2")
    clone.snakemake()
    clone.commit()
    clone.run("dvc", "push", "--quiet")
    clone.run("git", "clone", "--quiet", str(clone.folder), str(clone.folder.with_name("there")))
    there = clone.at(clone.folder.with_name("there"))
    there.run("dvc", "pull", "--quiet")
    assert there.planned() == {}
    assert not list(there.folder.glob("data/faces/.*"))
    assert not list(there.folder.glob("models/*/*/.*"))


def test_a_part_of_the_graph_is_no_whole_run(clone):
    before = sorted(path.name for path in clone.folder.glob("metrics/*.*"))
    clone.snakemake("-R", "compare", "--batch", "all=2/2", "--", "all")
    assert sorted(path.name for path in clone.folder.glob("metrics/*.*")) == before
