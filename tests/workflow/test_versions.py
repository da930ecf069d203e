"""Results keep the versions of the packages that made them; others are named, never made anew."""

import json
import subprocess
from importlib.metadata import version

import pytest

KERAS = version("keras")


@pytest.fixture
def upgraded(tmp_path):
    """A folder where Python finds another version of Keras."""
    install(tmp_path / "upgraded", "keras", "99.1")
    return {"PYTHONPATH": str(tmp_path / "upgraded")}


def install(folder, name, number):
    described = folder / f"{name}-{number}.dist-info" / "METADATA"
    described.parent.mkdir(parents=True)
    described.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n")


def said(printed):
    return [line for line in printed.splitlines() if line.startswith("mien: ")]


def entries(toy):
    return json.loads((toy.folder / "provenance/experiment.json").read_text())["outputs"]


def test_the_ledger_has_the_versions_of_what_the_code_imports(pushed):
    made = {output: entry["versions"] for output, entry in entries(pushed).items()}
    assert made["models/deep/seed-0/model.keras"]["keras"] == KERAS
    assert "torch" not in made["models/deep/seed-0/model.keras"]
    assert "keras" not in made["models/small/seed-0/model.pt"]
    assert set(made["data/labels.csv"]) == {"numpy", "pandas", "pyarrow", "scipy"}


def test_an_upgrade_is_said_in_one_line_and_reruns_nothing(clone, upgraded):
    command = "snakemake -R predict train_resnet"
    line = f"mien: 6 results were made by keras {KERAS} (now 99.1); to make them anew: `{command}`"
    printed = clone.snakemake("-n", **upgraded)
    assert said(printed) == [line]
    assert "Nothing to be done" in printed
    assert line in said(clone.run(*command.split(), **upgraded))
    assert {job.split()[0] for job in clone.ran()} >= {"resnet", "predict"}
    assert said(clone.snakemake("-n", **upgraded)) == []
    assert entries(clone)["models/deep/seed-0/model.keras"]["versions"]["keras"] == "99.1"
    assert [line.split(";")[0] for line in said(clone.snakemake("-n"))] == [
        f"mien: 6 results were made by keras 99.1 (now {KERAS})"
    ]


def test_a_ledger_without_versions_is_believed(clone, upgraded):
    for ledger in (clone.folder / "provenance").glob("*.json"):
        content = json.loads(ledger.read_text())
        for entry in content["outputs"].values():
            entry.pop("versions", None)
        ledger.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
    printed = clone.snakemake("-n", **upgraded)
    assert "made by" not in printed
    assert "Nothing to be done" in printed


def test_the_same_work_by_the_same_versions_gives_the_same_ledger(clone):
    ledgers = sorted((clone.folder / "provenance").glob("*.json"))
    before = [ledger.read_bytes() for ledger in ledgers]
    clone.snakemake("-R", "index", "train_resnet")
    assert [ledger.read_bytes() for ledger in ledgers] == before


def test_an_upgrade_during_a_run_leaves_both_versions_in_the_ledger(clone, tmp_path):
    (tmp_path / "later").mkdir()
    clone.hold.write_text("models/deep/seed-0/model.keras")
    run = subprocess.Popen(
        ["snakemake", "--cores", "2", "-R", "train_resnet", "--", "models/deep/seed-0/model.keras"],
        cwd=clone.folder, env=clone.variables(PYTHONPATH=str(tmp_path / "later")),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    clone.wait_for("models/deep/seed-0/.half-model.keras")
    install(tmp_path / "later", "keras", "99.1")
    clone.hold.unlink()
    assert run.wait() == 0
    made = entries(clone)["models/deep/seed-0/model.keras"]["versions"]["keras"]
    assert made == f"{KERAS} or 99.1"
