"""A folder's hash follows the contents of its files; what is remembered only spares reading them."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from mien.acquire import listing as module
from mien.acquire.earlier import is_still
from mien.acquire.listing import LISTING, answered, asked, held_by, listing, recorded_listing
from mien.acquire.scenes import Item, scene_row, skip
from mien.acquire.tables import SCENES, SKIPPED
from mien.images import encode_png
from mien.shards import write_shard
from mien.tables import write_csv


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "pictures" / "b").mkdir(parents=True)
    for name, content in {"a.png": b"one", "b/c.png": b"two", "notes.txt": b"milk"}.items():
        path = tmp_path / "pictures" / name
        path.write_bytes(content)
        os.utime(path, (1, 1))
    return tmp_path / "pictures"


@pytest.fixture
def read(monkeypatch):
    """The files that were read, as the folder is looked at."""
    paths, hashed = [], module.sha256_of

    def noted(path):
        paths.append(path.name)
        return hashed(path)

    monkeypatch.setattr(module, "sha256_of", noted)
    monkeypatch.setattr(module, "SETTLED_NS", -(10**12))  # as if the files were old
    return paths


def edit_in_place(path: Path, content: bytes) -> None:
    """Write as many bytes into the same file, and put its old time back."""
    status = path.stat()
    with path.open("r+b") as file:
        file.write(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)


def test_a_file_edited_in_place_with_its_old_size_and_time_changes_the_listing(folder, tmp_path):
    memory = tmp_path / "memory.json"
    before = listing(folder, memory)
    edit_in_place(folder / "b" / "c.png", b"TWO")
    assert listing(folder, memory) != before
    edit_in_place(folder / "b" / "c.png", b"two")
    assert listing(folder, memory) == before


def test_the_listing_changes_with_names_and_contents_alone(folder):
    before = listing(folder)
    (folder / "a.png").touch()
    shutil.copytree(folder, folder.parent / "copy")
    assert listing(folder) == listing(folder.parent / "copy") == before
    (folder / "a.png").rename(folder / "z.png")
    assert listing(folder) != before
    (folder / "z.png").rename(folder / "a.png")
    (folder / "d.png").write_bytes(b"")
    assert listing(folder) != before


def test_only_what_may_have_changed_is_read_again(folder, tmp_path, read):
    memory = tmp_path / "memory.json"
    before = listing(folder, memory)
    assert sorted(read) == ["a.png", "c.png", "notes.txt"]
    read.clear()
    assert listing(folder, memory) == before
    assert read == []
    edit_in_place(folder / "a.png", b"ONE")
    listing(folder, memory)
    assert read == ["a.png"]


def test_the_memory_names_no_file_and_forgets_those_that_are_gone(folder, tmp_path):
    memory = tmp_path / "memory.json"
    listing(folder, memory)
    before = memory.read_bytes()
    assert b"a.png" not in before
    (folder / "a.png").unlink()
    listing(folder, memory)
    assert before.count(b"[[") == memory.read_bytes().count(b"[[") + 1


def test_a_file_read_at_once_after_it_was_changed_is_read_again(
    folder, tmp_path, read, monkeypatch
):
    monkeypatch.setattr(module, "SETTLED_NS", 10**12)  # it was changed a moment ago
    for _ in range(2):
        listing(folder, tmp_path / "memory.json")
    assert read.count("a.png") == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda memory: memory.write_bytes(memory.read_bytes()[:-9]),
        lambda memory: memory.write_bytes(memory.read_bytes()[:-9] + b"0" * 9),
        lambda memory: memory.write_bytes(b"\xff\n[]"),
        lambda memory: (memory.unlink(), memory.mkdir()),
        lambda memory: (shutil.rmtree(memory.parent), memory.parent.write_bytes(b"a file")),
    ],
)
def test_a_damaged_memory_costs_a_reading_and_nothing_else(folder, tmp_path, read, damage):
    memory = tmp_path / "memories" / "mine.json"
    before = listing(folder, memory)
    damage(memory)
    read.clear()
    assert listing(folder, memory) == before
    assert len(read) == 3


def test_a_single_file_is_listed_by_its_content(folder):
    before = listing(folder / "a.png")
    edit_in_place(folder / "a.png", b"ONE")
    assert listing(folder / "a.png") != before


def test_a_shard_that_cannot_be_read_has_no_listing(tmp_path):
    (tmp_path / "mine.parquet").write_bytes(b"PAR1 torn")
    assert recorded_listing(tmp_path / "mine.parquet") == ""


def test_a_source_read_beside_an_edit_is_read_again_though_the_edit_was_put_back(folder, tmp_path):
    settings = tmp_path / "given" / "params.yaml"
    settings.parent.mkdir()
    recorded, asked_by = "", []

    def plan() -> bool:
        """Whether the job runs, as Snakemake decides: by another parameter than last time."""
        asked_by.append(asked(listing(folder), recorded))
        (settings.parent / "found.json").write_text(
            json.dumps({"listings": {"mine": asked_by[-1]}})
        )
        return asked_by[-1] not in asked_by[-2:-1]

    def job() -> str:
        return answered(listing(folder), "mine", settings)

    assert plan()
    edit_in_place(folder / "a.png", b"ONE")
    recorded = job()
    edit_in_place(folder / "a.png", b"one")
    assert plan()
    recorded = job()
    assert not plan()
    edit_in_place(folder / "a.png", b"ONE")
    assert plan()
    recorded = job()
    assert not plan()


def test_by_hand_a_source_records_what_it_holds(folder, tmp_path):
    assert answered(listing(folder), "mine", tmp_path / "params.yaml") == listing(folder)


def by_names_and_sizes(place: Path) -> str:
    """The listing of a folder or file as mien 1 made it."""
    files = [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.is_file())
    lines = (f"{path.relative_to(place)} {path.stat().st_size}\n" for path in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@pytest.fixture
def earlier(tmp_path):
    """A folder, and a function that says if its shard, made by mien 1, is still what it gives."""
    folder, shard, lost = tmp_path / "old", tmp_path / "old.parquet", tmp_path / "old.csv"
    folder.mkdir()
    noise = pd.Series(range(3)).map(lambda seed: drawn(seed))
    (folder / "a.png").write_bytes(noise[0])
    (folder / "b.png").write_bytes(noise[1])
    (folder / "c.png").write_bytes(noise[0])
    (folder / "d.png").write_bytes(bytes(len(noise[2])))
    rows = [scene_row(Item(f"{name}.png", noise[at]), "old", at, 1) for at, name in enumerate("ab")]
    recorded = by_names_and_sizes(folder)
    write_shard(shard, rows, SCENES.with_metadata({LISTING: recorded}))
    skipped = [
        skip("old", "c.png", "repeated", "the same file as a.png"),
        skip("old", "d.png", "unusable", "not a picture"),
    ]
    write_csv(lost, pd.DataFrame(skipped), SKIPPED)

    def still() -> bool:
        return is_still(folder, held_by(folder), recorded, shard, lost, 1)

    assert still()
    return folder, noise, still


def drawn(seed: int) -> bytes:
    import numpy as np

    return encode_png(np.random.default_rng(seed).integers(0, 255, (9, 9, 3)).astype(np.uint8))


def test_an_earlier_shard_is_kept_while_its_folder_holds_what_it_held(earlier):
    folder, _, still = earlier
    (folder / "a.png").touch()
    assert still()


@pytest.mark.parametrize(
    ("name", "of"), [("a.png", 1), ("b.png", 0), ("c.png", 2), ("d.png", 2), ("e.png", 2)]
)
def test_an_earlier_shard_is_made_anew_after_any_edit(earlier, name, of):
    folder, noise, still = earlier
    assert len({len(one) for one in noise}) == 1  # so that sizes tell nothing
    (folder / name).write_bytes(noise[of])
    assert not still()
