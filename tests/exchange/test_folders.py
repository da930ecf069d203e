"""A folder a class: written whole or not at all, and read after someone sorted it."""

import os
from pathlib import Path

import pytest

from mien.errors import SourceError, TableError
from mien.exchange.crops import whole_folder, write_crops
from mien.exchange.folders import read_sorted
from mien.faces.tables import CROPS
from mien.shards import write_shard

EXPRESSIONS = ["angry", "happy", "neutral", "surprised"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Make a folder `sorted` with these empty files."""
    monkeypatch.chdir(tmp_path)

    def make(*files: str) -> Path:
        for file in files:
            path = Path("sorted") / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return Path("sorted")

    return make


def refusal(folder):
    with pytest.raises(SourceError) as caught:
        read_sorted(folder, EXPRESSIONS)
    return str(caught.value)


def test_pipes_and_names_that_are_not_utf_8_stop_nothing(folder):
    place = folder("happy/f1.png", os.fsdecode(b"happy/M\xfcller.png"), os.fsdecode(b"M\xfc.txt"))
    os.mkfifo(place / "happy" / "pipe.png")
    (place / "happy" / "up.png").symlink_to("..")
    found = read_sorted(place, EXPRESSIONS)
    assert found.votes == {"f1": "happy", "M\\xfcller": "happy"}
    assert sorted(found.strays) == ["M\\xfc.txt", "happy/pipe.png", "happy/up.png"]


def test_a_class_that_may_not_be_read_is_one_line(folder, monkeypatch):
    place = folder("happy/f1.png")

    def shut(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", shut)  # root may read everything
    assert refusal(place) == "sorted: not readable: Permission denied"


def test_a_picture_votes_for_the_folder_it_lies_in(folder):
    found = read_sorted(folder("happy/f1.png", "unsure/f2.PNG", "not_a_face/f3.png"), EXPRESSIONS)
    assert found.votes == {"f1": "happy", "f2": "unsure", "f3": "not_a_face"}
    assert found.strays == []


def test_what_file_managers_leave_is_passed_over_and_other_files_are_told(folder):
    found = read_sorted(
        folder(
            "happy/.DS_Store",
            "happy/Thumbs.db",
            ".cache/x",
            "f1.png",
            "happy/f2.jpg",
            "happy/a/f3.png",
        ),
        EXPRESSIONS,
    )
    assert (found.votes, found.strays) == ({}, ["f1.png", "happy/a", "happy/f2.jpg"])


def test_a_folder_that_is_no_class_is_refused_with_its_name(folder):
    assert (
        refusal(folder("hapy/f1.png")) == "sorted/hapy: 'hapy' is no class; did you mean 'happy'?"
    )
    assert refusal(Path("elsewhere")) == "elsewhere: there is no such folder"


def test_a_face_in_two_classes_is_refused(folder):
    message = refusal(folder("angry/f1.png", "happy/f1.png"))
    assert message == "sorted/happy/f1.png: angry has this face too; keep one of the two"


def test_an_export_that_fails_leaves_no_folder_and_the_next_one_does(tmp_path):
    with pytest.raises(KeyboardInterrupt), whole_folder(tmp_path / "out") as temporary:
        (temporary / "happy").mkdir()
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    (tmp_path / ".out.part" / "of a killed export").mkdir(parents=True)
    with whole_folder(tmp_path / "out") as temporary:
        (temporary / "happy").mkdir()
        assert not (tmp_path / "out").exists()
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "happy"]


def test_an_export_never_writes_into_a_folder_that_holds_something(folder):
    path = folder("happy/f1.png")
    with pytest.raises(SourceError) as caught, whole_folder(path):
        pass
    assert str(caught.value) == "sorted: it exists already; name a new folder"
    assert (path / "happy/f1.png").exists()


def test_a_face_that_no_shard_has_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_shard(Path("faces/web.parquet"), [], CROPS)
    with pytest.raises(TableError) as caught:
        write_crops(Path("faces"), {"f1": Path("out/f1.png")})
    assert str(caught.value) == "faces: no shard has face f1; run dvc pull or snakemake faces"
