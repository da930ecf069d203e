"""A source of Flickr from its words to its shard, by the real command and a fake Flickr."""

import itertools
import os
import random
import shutil
import time
from pathlib import Path

import forked
import pandas as pd
import pytest
import yaml
from fake_flickr import KEY, NOT_FOUND, SECRET, TRUNCATED, FakePhoto, busy, fake_flickr, make_photos
from toy import wait_until

from mien.acquire.tables import SKIPPED
from mien.shards import read_shard
from mien.tables import read_csv

ROOT = Path(__file__).parents[2]
COMMAND = [Path(__file__).with_name("mien_with_fake_flickr.py")]
SOURCES = "source_id,kind,target,limit,expression\nparty,flickr,happy face,40,happy\n"
COLUMNS = ["scene_id", "position", "item_id", "title", "author", "page_url", "licence", "sha256"]


@pytest.fixture
def flickr():
    with fake_flickr(make_photos(50)) as running:
        yield running


@pytest.fixture
def project(tmp_path):
    """A folder with quick settings and one source."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["acquire"] |= {"timeout_s": 2, "tries": 2, "calls_per_hour": 360_000}
    (tmp_path / "data").mkdir()
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    (tmp_path / "data" / "sources.csv").write_text(SOURCES)
    shutil.copy(ROOT / "data" / "withdrawn.csv", tmp_path / "data")
    return tmp_path


def environment(flickr, **other):
    keys = {"FLICKR_API_KEY": KEY, "FLICKR_API_SECRET": SECRET}
    return {**os.environ, "FAKE_FLICKR": flickr.rest_url, **keys, **other}


def command(*arguments):
    return [*COMMAND, "acquire", *arguments]


ACQUIRE = command(
    "flickr", "--target", "happy face", "--limit", "40", "--source", "party",
    "--downloads", "data/downloads/party", "--withdrawn", "data/withdrawn.csv",
    "--scenes", "data/scenes/party.parquet", "--skipped", "data/skipped/party.csv",
)  # fmt: skip


def run(project, flickr, words=ACQUIRE, code=0, **other):
    done = forked.run(words, project, environment(flickr, **other))
    assert done.returncode == code, done.stdout
    assert KEY not in done.stdout
    assert SECRET not in done.stdout
    return done.stdout


def scenes(project):
    return read_shard(project / "data/scenes/party.parquet", COLUMNS)


def skipped(project):
    return read_csv(project / "data/skipped/party.csv", SKIPPED).set_index("item_id")


def requests(flickr):
    return len(flickr.calls) + len(flickr.fetched)


def test_every_photo_comes_with_author_licence_and_page(project, flickr):
    run(project, flickr)
    got = scenes(project)
    assert len(got) == got["scene_id"].nunique() == 40
    assert got["licence"].unique().tolist() == ["CC BY 2.0"]
    assert got["author"].str.fullmatch(r".+ \(\d+@N00\)").all()
    assert (got["page_url"].str.startswith("https://www.flickr.com/photos/")).all()
    assert got["sha256"].str[:16].equals(got["scene_id"])
    newest = sorted(flickr.photos, key=lambda photo: (photo.uploaded, photo.id), reverse=True)
    assert got["item_id"].tolist() == [photo.id for photo in newest[:40]]


def test_no_photo_without_an_allowed_licence_is_fetched(project, flickr, monkeypatch):
    flickr.photos = [
        FakePhoto(n, "a happy face", licence, 1_600_000_000 - n)
        for n, licence in enumerate([4, 0, 9, 6, 99, 10, 3])
    ]
    # a Flickr that gives all, whatever licences it is asked for
    monkeypatch.setattr(type(flickr), "_matching", lambda self, _: self.photos)
    run(project, flickr)
    names = ["CC BY 2.0", "CC0 1.0", "Public Domain Mark 1.0"]
    assert scenes(project)["licence"].tolist() == names
    assert skipped(project)["state"].tolist() == ["licence"] * 4
    assert len(flickr.fetched) == 3


def test_what_fails_is_named_and_asked_for_again_only_when_told(project, flickr):
    newest = sorted(flickr.photos, key=lambda photo: (photo.uploaded, photo.id), reverse=True)
    missing, cut, busy_one = (photo.id for photo in newest[:3])
    flickr.files = {
        missing: itertools.repeat(NOT_FOUND),
        cut: iter([TRUNCATED]),
        busy_one: iter([busy(500, "0"), busy(500, "0")]),
    }
    out = run(project, flickr)
    assert "party: 37 scenes, 1 gone, 1 failed, 1 unusable" in out
    assert "mien acquire retry party" in out
    assert skipped(project)["state"].to_dict() == {
        missing: "gone", cut: "unusable", busy_one: "failed",
    }  # fmt: skip
    before = requests(flickr)
    run(project, flickr)
    assert requests(flickr) == before
    out = run(project, flickr, command("retry", "party"))
    assert "2 more came; run snakemake" in out
    assert len(flickr.fetched) == before - len(flickr.calls) + 2
    assert not (project / "data/scenes/party.parquet").exists()
    run(project, flickr)
    assert scenes(project)["item_id"].tolist() == [photo.id for photo in newest[1:40]]


def test_a_deleted_shard_is_made_again_without_a_request_or_a_key(project, flickr):
    run(project, flickr)
    shard = project / "data/scenes/party.parquet"
    whole = shard.read_bytes()
    shard.unlink()
    before = requests(flickr)
    run(project, flickr, FLICKR_API_KEY="", FLICKR_API_SECRET="")
    assert shard.read_bytes() == whole
    assert requests(flickr) == before


def test_without_a_key_one_line_says_what_to_do(project, flickr):
    out = run(project, flickr, code=2, FLICKR_API_KEY="")
    assert out.count("\n") == 1
    assert "export FLICKR_API_KEY=<yours>" in out
    assert not flickr.calls


def test_a_search_that_finds_nothing_leaves_an_empty_shard_and_says_so(project, flickr):
    flickr.photos = []
    assert "warning: party gives no scene" in run(project, flickr)
    assert scenes(project).empty


def test_when_nothing_came_that_might_one_line_says_so(project, flickr):
    params = project / "params.yaml"
    params.write_text(params.read_text().replace("tries: 2", "tries: 1"))
    flickr.files = {photo.id: itertools.repeat(busy(500, "0")) for photo in flickr.photos}
    out = run(project, flickr, code=2)
    assert "party: nothing came; the first of 40 that failed" in out
    assert not (project / "data/scenes/party.parquet").exists()


def test_ten_kills_change_nothing_but_the_times(project, tmp_path_factory, flickr):
    other = tmp_path_factory.mktemp("other") / "project"
    shutil.copytree(project, other)
    run(other, flickr)
    flickr.draw, draw = lambda *asked: (time.sleep(0.05), draw(*asked))[1], flickr.draw
    chance = random.Random(0)
    for _ in range(10):
        process = forked.Process(ACQUIRE, project, environment(flickr))
        time.sleep(chance.uniform(0.1, 1.1))
        process.kill()
    wait_until(lambda: flickr.at_once == 0)  # what it still sends to the killed
    flickr.most_at_once = 0
    run(project, flickr)
    pd.testing.assert_frame_equal(scenes(project), scenes(other))
    assert not list((project / "data" / "downloads").rglob(".*"))
    assert flickr.most_at_once <= 8


def test_a_home_that_cannot_be_written_to_is_no_hindrance(project, flickr):
    run(project, flickr, HOME="/dev/null", XDG_CACHE_HOME="/dev/null")
    assert len(scenes(project)) == 40
