"""Settings and sources are valid, and what they ask for is here or can be had."""

import hashlib
import stat

import pytest

from mien.doctor import asked
from mien.doctor.finding import Finding
from mien.errors import ParamsError, TableError

CONTENT = b"pretrained"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
ACQUIRE = "snakemake acquired"


@pytest.fixture
def sources(project):
    def write(*rows: str, header: str = "source_id,kind,target,limit") -> None:
        (project / "data" / "sources.csv").write_text("\n".join([header, *rows, ""]))

    return write


def test_a_setting_that_ultralytics_does_not_have_is_told(project):
    path = project / "params.yaml"
    path.write_text(path.read_text().replace("nbs: 16", "nbz: 16"))
    with pytest.raises(ParamsError, match="nbz"):
        asked.settings()


def test_a_source_that_cannot_be_read_is_told_with_its_line(sources):
    sources("a,drawn,happy-1,0")
    with pytest.raises(TableError, match=r"data/sources\.csv, line 2: limit is 0"):
        asked.sources()


def test_a_folder_is_here_unless_its_scenes_are(project, sources):
    sources("a,drawn,happy-1,5", "b,folder,photos,5")
    text = "b: the folder photos is not here; correct its target in data/sources.csv"
    assert asked.sources() == Finding("wrong", text)
    (project / "data" / "scenes").mkdir()
    (project / "data" / "scenes" / "b.parquet").touch()
    assert asked.sources() == Finding("ok", "data/sources.csv; 1 drawn, 1 folder")


def test_a_quotation_mark_that_is_not_closed_ends_no_check(sources):
    sources('"a,drawn,happy-1,5', *["b,video,x,1"] * 20_000)
    with pytest.raises(TableError, match=r"sources\.csv, line 2: a quotation mark"):
        asked.sources()
    assert asked.youtube().level == asked.flickr().level == "ok"


@pytest.mark.usefixtures("project")
def test_the_demo_asks_for_no_weights():
    assert asked.weights() == Finding("ok", "no pretrained file is asked for")


def test_weights_with_their_hash_are_believed(project, ask):
    ask("net.onnx", url="https://host/net.onnx", sha256=SHA256)
    (project / "data" / "weights").mkdir()
    (project / "data" / "weights" / "net.onnx").write_bytes(CONTENT)
    assert asked.weights() == Finding("ok", "net.onnx is here")


def test_weights_with_another_hash_are_deleted_and_had_again(project, ask):
    ask("net.onnx", url="https://host/net.onnx", sha256=SHA256)
    (project / "data" / "weights").mkdir()
    (project / "data" / "weights" / "net.onnx").write_bytes(b"truncated")
    text = "data/weights/net.onnx is not what its sha256 in params.yaml says"
    assert asked.weights() == Finding("wrong", text, ACQUIRE)


def test_weights_that_are_not_here_are_fetched_or_copied(project, ask):
    ask("net.onnx", url="https://me:secret@host/net.onnx", sha256=SHA256)
    text = "net.onnx is not here; it is fetched from https://me:***@host/net.onnx"
    assert asked.weights() == Finding("note", text, ACQUIRE)
    ask("net.onnx", path="mine.onnx", sha256=SHA256)
    text = "net.onnx is not here, nor is mine.onnx; correct its path under acquire.weights"
    assert asked.weights() == Finding("wrong", text)
    (project / "mine.onnx").touch()
    text = "net.onnx is not here; it is copied from mine.onnx"
    assert asked.weights() == Finding("note", text, ACQUIRE)


@pytest.mark.usefixtures("project")
def test_neither_youtube_nor_flickr_needs_anything_without_such_sources():
    assert asked.youtube() == Finding("ok", "not needed: no source is a video")
    assert asked.flickr() == Finding("ok", "not needed: no source is of Flickr")


@pytest.fixture
def path(tmp_path, monkeypatch):
    """A folder of programs, the only one in PATH; call it to add one that tells a version."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def add(name: str, version: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\necho {version}\n")
        (folder / name).chmod(stat.S_IRWXU)

    return add


def test_a_video_needs_deno_or_a_recent_node(sources, path):
    sources("a;video;https://youtu.be/x;5", header="\ufeffsource_id;kind;target;limit")
    needs = "YouTube's JavaScript needs deno, or node of 22 and up"
    assert asked.youtube() == Finding("wrong", needs, "pip install deno")
    path("node", "v18.19.0")
    assert asked.youtube().text == f"{needs}; node is 18 here"
    path("node", "v22.1.0")
    assert asked.youtube() == Finding("ok", "node 22 runs YouTube's JavaScript")
    path("deno", "unasked")
    assert asked.youtube() == Finding("ok", "deno runs YouTube's JavaScript")


def test_flickr_needs_a_key_and_its_secret(sources, monkeypatch):
    sources("a,flickr,smile,5")
    monkeypatch.delenv("FLICKR_API_SECRET", raising=False)
    monkeypatch.setenv("FLICKR_API_KEY", "0123")
    text = "no FLICKR_API_SECRET in the environment"
    assert asked.flickr() == Finding("wrong", text, "export FLICKR_API_SECRET=<yours>")
    monkeypatch.setenv("FLICKR_API_SECRET", "4567")
    assert asked.flickr() == Finding("ok", "FLICKR_API_KEY and FLICKR_API_SECRET are set")
