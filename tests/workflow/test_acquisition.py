"""Sources in the real graph: fetched once, rebuilt without asking, keys untold."""

import subprocess
import threading
from pathlib import Path

import pytest
import yaml
from fake_flickr import KEY, SECRET, drawn_faces, fake_flickr, make_photos
from forked import make_environment
from toy import Toy, write_toy
from video_server import make_video

COMMAND = Path(__file__).parents[1] / "acquire" / "mien_with_fake_flickr.py"
SOURCES = "source_id,kind,target,limit,expression\nparty,flickr,happy face,6,happy\n"
SHARD = "data/scenes/party.parquet"


class Project(Toy):
    """A project with one source of Flickr, whose `mien` is the real one."""

    flickr = None

    def variables(self, **extra):
        keys = {"FLICKR_API_KEY": KEY, "FLICKR_API_SECRET": SECRET}
        return super().variables(**{"FAKE_FLICKR": self.flickr.rest_url, **keys, **extra})


@pytest.fixture
def flickr():
    with fake_flickr(make_photos(10)) as running:
        running.draw = drawn_faces
        yield running


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("real") / "environment"
    make_environment(folder, COMMAND)
    return folder


@pytest.fixture
def project(tmp_path, environment, flickr):
    folder = tmp_path / "project"
    write_toy(folder)
    (folder / "data" / "sources.csv").write_text(SOURCES)
    (folder / "data" / "ballots" / "ada.csv").unlink()
    params = yaml.safe_load((folder / "params.yaml").read_text())
    del params["variants"]["large"]  # it asks for a file that is nowhere
    params["acquire"]["calls_per_hour"] = 360_000
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    made = Project(folder, environment)
    made.flickr = flickr
    made.run("git", "init", "--quiet")
    return made


def watch_processes(stop, seen):
    """Add to `seen` every line of the list of processes that tells the key, until told to stop."""
    while not stop.wait(0.05):
        told = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
        seen += [line for line in told.stdout.splitlines() if KEY in line or SECRET in line]


def test_the_key_is_in_no_file_and_in_no_list_of_processes(project):
    stop, seen = threading.Event(), []
    watcher = threading.Thread(target=watch_processes, args=(stop, seen))
    watcher.start()
    try:
        out = project.snakemake("acquired")
    finally:
        stop.set()
        watcher.join()
    assert not seen
    assert KEY not in out
    assert SECRET not in out
    files = [path for path in project.folder.rglob("*") if path.is_file()]
    assert any(".snakemake/metadata" in path.as_posix() for path in files)
    assert any(path.name == "party.log" for path in files)
    for path in files:
        content = path.read_bytes()
        assert KEY.encode() not in content, path
        assert SECRET.encode() not in content, path
    acquired = (project.folder / "metrics" / "acquired.csv").read_text()
    assert acquired.splitlines()[1] == "party,flickr,6,6,0,0,0,0,0,0"


def test_a_shard_that_was_lost_is_made_again_without_the_network(project, flickr):
    project.snakemake("acquired")
    project.run("dvc", "commit", "--force", "acquire")
    whole = (project.folder / SHARD).read_bytes()
    (project.folder / SHARD).unlink()
    asked = len(flickr.calls) + len(flickr.fetched)
    project.snakemake("acquired", FLICKR_API_KEY="")
    assert (project.folder / SHARD).read_bytes() == whole
    assert len(flickr.calls) + len(flickr.fetched) == asked


def test_what_is_merely_not_pulled_is_not_fetched(project, flickr):
    project.snakemake("acquired")
    project.run("dvc", "commit", "--force", "acquire")
    (project.folder / SHARD).unlink()
    (project.folder / "data" / "downloads").rename(project.folder.with_name("elsewhere"))
    asked = len(flickr.calls)
    out = project.run("snakemake", "--cores", "1", "acquired", check=False)
    assert "run `dvc pull`" in out
    assert len(flickr.calls) == asked


def test_an_edited_expression_asks_nothing_and_another_limit_only_for_more(project, flickr):
    project.snakemake("acquired")
    assert "flickr" not in project.planned("faces")
    project.edit("data/sources.csv", "6,happy", "6,angry")
    assert "flickr" not in project.planned("faces")
    project.edit("data/sources.csv", "6,angry", "8,angry")
    fetched = {path for _, path in flickr.fetched}
    calls = len(flickr.calls)
    project.snakemake("acquired")
    assert len(flickr.fetched) == len({path for _, path in flickr.fetched}) == len(fetched) + 2
    assert len(flickr.calls) == calls


def test_where_a_video_of_ones_own_is_not_its_scenes_stay_as_they_are(project):
    project.edit("data/sources.csv", "party,flickr,happy face", "mine,video,mine.mp4")
    video = project.folder / "mine.mp4"
    make_video(video)
    project.snakemake("acquired")
    assert project.planned("acquired") == {}
    video.rename(video.with_name("elsewhere.mp4"))
    assert project.planned("acquired") == {}
    make_video(video, seconds=5)
    assert project.planned("acquired")["video"] == 1
