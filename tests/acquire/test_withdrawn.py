"""What was withdrawn is told by the hash of its name alone, and comes into no shard."""

import hashlib
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from mien.acquire.tables import SKIPPED
from mien.acquire.withdrawn import Withdrawn, read_withdrawn
from mien.cli import app
from mien.errors import TableError
from mien.shards import read_shard
from mien.tables import read_csv

PARAMS = Path(__file__).parents[2] / "params.yaml"
HEADER = "what,sha256,withdrawn_at\n"


def sha256(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def table(folder: Path, **names: str) -> Path:
    rows = [f"{what},{sha256(name)},2026-01-02T03:04:05Z\n" for what, name in names.items()]
    path = folder / "withdrawn.csv"
    path.write_text(HEADER + "".join(rows))
    return path


def test_a_header_alone_holds_nothing(tmp_path):
    assert not read_withdrawn(table(tmp_path)).holds("a", "flickr", "513", "ann")


def test_an_item_is_withdrawn_from_every_source_that_has_it(tmp_path):
    withdrawn = read_withdrawn(table(tmp_path, item="513"))
    assert withdrawn.holds("a", "flickr", "513", "ann")
    assert withdrawn.holds("b", "flickr", "513", "ann")
    assert not withdrawn.holds("a", "flickr", "514", "ann")


def test_an_authors_items_are_all_withdrawn(tmp_path):
    withdrawn = read_withdrawn(table(tmp_path, author="Zoë Ångström"))
    assert withdrawn.holds("a", "flickr", "514", "Zoë Ångström")
    assert not withdrawn.holds("a", "flickr", "Zoë Ångström", "ann")


def test_items_of_an_unknown_author_are_not_withdrawn_with_each_other(tmp_path):
    assert not read_withdrawn(table(tmp_path, author="unknown")).holds(
        "a", "folder", "1", "unknown"
    )


def test_a_file_of_one_folder_is_not_the_file_of_that_name_in_another(tmp_path):
    withdrawn = read_withdrawn(table(tmp_path, item="mine/1.jpg"))
    assert withdrawn.holds("mine", "folder", "1.jpg", "unknown")
    assert not withdrawn.holds("yours", "folder", "1.jpg", "unknown")


def test_scenes_of_several_sources_are_told_row_by_row():
    sources = pd.DataFrame({"source_id": ["mine", "film"], "kind": ["folder", "video"]})
    scenes = pd.DataFrame(
        [("film", "x1", "ann"), ("mine", "x1", "unknown"), ("film", "x2", "bob")],
        columns=["source_id", "item_id", "author"],
    )
    withdrawn = Withdrawn(frozenset([sha256("x1")]), frozenset([sha256("bob")]))
    assert withdrawn.among(scenes, sources).tolist() == [True, False, True]


@pytest.mark.parametrize("name", ["Ann Example", sha256("513").upper(), sha256("513")[:16]])
def test_a_name_in_place_of_a_hash_is_refused_with_its_line(tmp_path, name):
    path = tmp_path / "withdrawn.csv"
    path.write_text(f"{HEADER}item,{sha256('1')},2026-01-02T03:04:05Z\nauthor,{name},2026\n")
    with pytest.raises(TableError, match=r"withdrawn.csv, line 3: sha256 is '.*must be a SHA-256"):
        read_withdrawn(path)


def test_a_folder_gives_no_withdrawn_file_and_counts_it_without_its_name(tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(3):
        Image.new("RGB", (40, 30), (90 * number, 0, 0)).save(pictures / f"anna-{number}.png")
    scenes, skipped = tmp_path / "scenes.parquet", tmp_path / "skipped.csv"
    options = {
        "target": pictures, "limit": 9, "source": "mine", "scenes": scenes, "skipped": skipped,
        "withdrawn": table(tmp_path, item="mine/anna-1.png"), "params": PARAMS,
    }  # fmt: skip
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    done = CliRunner().invoke(app, ["acquire", "folder", *words], catch_exceptions=False)
    assert list(read_shard(scenes, ["item_id"])["item_id"]) == ["anna-0.png", "anna-2.png"]
    assert read_csv(skipped, SKIPPED)["state"].tolist() == ["withdrawn"]
    assert "anna-1" not in skipped.read_text() + done.output
