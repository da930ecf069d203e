"""State that is damaged heals or is named in one line; so is a place without room."""

import pytest

MODEL = "models/small/seed-0/model.pt"
DAMAGE = [b"", b"\xff\xfe", b"[]", b'{"contents": {"params.yaml": [1]}, "records": {}}', b"{}"]


def test_a_damaged_cache_is_made_anew(clone):
    clone.planned()
    whole = (clone.folder / ".snakemake/mien.json").read_bytes()
    for damage in (*DAMAGE, whole[:-20], whole.replace(b'"models', b'"modems')):
        (clone.folder / ".snakemake/mien.json").write_bytes(damage)
        printed = clone.snakemake("-n")
        assert "Nothing to be done" in printed
        assert "mien:" not in printed


@pytest.mark.parametrize(
    "damage", [b"", b"\xff\xfe", b"[]", b'{"version": 1, "outputs": {"models": {}}}']
)
def test_a_damaged_ledger_is_named_with_what_restores_it(clone, damage):
    ledger = clone.folder / "provenance/experiment.json"
    ledger.unlink()
    ledger.write_bytes(damage)
    printed = clone.snakemake("-n", check=False)
    assert (
        "mien: provenance/experiment.json is damaged; `dvc checkout provenance/experiment.json`"
        " restores what was committed; or delete the file, and what it describes is made anew"
        in printed
    )
    assert "Traceback" not in printed
    ledger.unlink()
    clone.run("dvc", "checkout", "--quiet", "provenance/experiment.json")
    assert clone.planned() == {}


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"[]"])
def test_a_damaged_record_of_snakemakes_heals(clone, damage):
    clone.snakemake("--forceall", "--no-hooks", MODEL)
    records = [path for path in (clone.folder / ".snakemake/metadata").rglob("*") if path.is_file()]
    for record in records:
        record.write_bytes(damage)
    printed = clone.snakemake("-n")
    assert "Traceback" not in printed
    assert "Nothing to be done" in printed


@pytest.mark.parametrize("name", ["dvc.yaml", "dvc.lock"])
def test_damaged_files_of_dvc_are_named_in_one_line(clone, name):
    (clone.folder / name).write_bytes(b"stages: \xff\n")
    printed = clone.snakemake("-n", check=False)
    assert f"mien: {name} cannot be read" in printed.replace(f"{clone.folder}/", "")
    assert "Traceback" not in printed
