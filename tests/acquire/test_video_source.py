"""A source of videos from its address to its shard, by the real command, yt-dlp and a server."""

import hashlib
import os
import random
import shutil
import time
from pathlib import Path

import forked
import pandas as pd
import pytest
import yaml
from video_server import make_sound, make_video, video_server

from mien.acquire.listing import listing, recorded_listing
from mien.acquire.tables import SKIPPED
from mien.shards import read_shard
from mien.tables import read_csv

ROOT = Path(__file__).parents[2]
COLUMNS = [
    "scene_id",
    "position",
    "item_id",
    "title",
    "author",
    "time_s",
    "page_url",
    "licence",
    "sha256",
    "tool",
]


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    """Videos as bytes: two good ones, a long one of 2 MB, and what is none."""
    folder = tmp_path_factory.mktemp("videos")
    good = make_video(folder / "good.mp4")
    return {
        "good": good,
        "other": make_video(folder / "other.mp4", seed=1),
        "large": make_video(folder / "large.mp4", seconds=8, kilobytes=2000),
        "page": b"<!DOCTYPE html><html><body>Sign in</body></html>",
        "cut": good[: len(good) * 2 // 3],
        "empty": b"",
        "sound": make_sound(folder / "sound.mp4"),
    }


@pytest.fixture
def server(videos):
    with video_server() as running:
        running.files = {f"/{name}.mp4": content for name, content in videos.items()}
        yield running


@pytest.fixture
def project(tmp_path):
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["acquire"] |= {"timeout_s": 1, "tries": 2, "sleep_s": 0, "every_s": 1}
    (tmp_path / "data").mkdir()
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    shutil.copy(ROOT / "data" / "withdrawn.csv", tmp_path / "data")
    return tmp_path


def words(target, limit=20):
    return [
        "mien", "acquire", "video", "--target", target, "--limit", str(limit),
        "--source", "clips", "--downloads", "data/downloads/clips", "--videos", "data/videos/clips",
        "--withdrawn", "data/withdrawn.csv",
        "--scenes", "data/scenes/clips.parquet", "--skipped", "data/skipped/clips.csv",
    ]  # fmt: skip


def run(project, target, code=0, limit=20, **other):
    done = forked.run(words(target, limit), project, {**os.environ, **other})
    assert done.returncode == code, done.stdout
    return done.stdout


def retry(project, target):
    (project / "data" / "sources.csv").write_text(
        f"source_id,kind,target,limit\nclips,video,{target},20\n"
    )
    done = forked.run(["mien", "acquire", "retry", "clips"], project)
    assert done.returncode == 0, done.stdout
    return done.stdout


def edit(project, **settings):
    path = project / "params.yaml"
    params = yaml.safe_load(path.read_text())
    params["acquire"] |= settings
    path.write_text(yaml.safe_dump(params))


def scenes(project):
    return read_shard(project / "data/scenes/clips.parquet", COLUMNS)


def skipped(project):
    return read_csv(project / "data/skipped/clips.csv", SKIPPED).set_index("item_id")


def files(project):
    return sorted((project / "data/videos/clips").iterdir())


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_a_video_becomes_a_frame_a_second_that_tells_where_it_is_from(project, server, videos):
    run(project, f"{server.url}/good.mp4")
    got = scenes(project)
    assert got["time_s"].tolist() == [0, 1, 2]
    assert got["item_id"].unique().tolist() == [f"{server.url}/good.mp4"]
    assert got["page_url"].unique().tolist() == [f"{server.url}/good.mp4"]
    assert got["sha256"].unique().tolist() == [sha256(videos["good"])]
    assert got[["author", "licence"]].drop_duplicates().values.tolist() == [["unknown", "unknown"]]
    assert got["tool"].str.match(r"yt-dlp 20\d\d").all()


def test_two_videos_of_one_name_are_two_files(project, server, videos):
    server.files |= {"/a/x.mp4": videos["good"], "/b/x.mp4": videos["other"]}
    run(project, server.feed("/a/x.mp4", "/b/x.mp4"))
    assert len(files(project)) == 2
    assert scenes(project)["sha256"].value_counts().to_dict() == {
        sha256(videos["good"]): 3,
        sha256(videos["other"]): 3,
    }


def test_what_is_no_video_is_named_with_its_reason_and_the_others_go_on(project, server):
    names = ["page", "cut", "empty", "sound", "gone", "good"]
    run(project, server.feed(*(f"/{name}.mp4" for name in names)))
    left = skipped(project).rename(index=lambda item: item.rpartition("/")[2])
    assert left["state"].to_dict() == {
        "page.mp4": "unusable", "cut.mp4": "unusable", "empty.mp4": "unusable",
        "sound.mp4": "unusable", "gone.mp4": "gone",
    }  # fmt: skip
    for name, reason in {"sound": "audio only", "empty": "empty file"}.items():
        assert reason in left.loc[f"{name}.mp4", "reason"]
    assert scenes(project)["item_id"].unique().tolist() == [f"{server.url}/good.mp4"]
    assert len(files(project)) == 1


def test_a_stream_of_which_a_part_is_missing_is_no_video(project, server, tmp_path):
    for n in range(3):
        server.files[f"/part-{n}.ts"] = make_video(tmp_path / f"{n}.ts", start_s=3 * n)
    parts = "".join(f"#EXTINF:3,\n/part-{n}.ts\n" for n in range(3))
    playlist = f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:3\n{parts}#EXT-X-ENDLIST\n"
    server.files["/live.m3u8"] = playlist.encode()
    target = server.feed("/live.m3u8", "/good.mp4")
    part = server.files.pop("/part-1.ts")
    run(project, target)
    assert skipped(project)["state"].to_dict() == {f"{server.url}/live.m3u8": "failed"}
    assert len(scenes(project)) == 3
    server.files["/part-1.ts"] = part
    assert "1 more came" in retry(project, target)


def test_after_a_kill_the_rest_is_asked_for_as_a_range(project, server, videos):
    server.pause_s = 0.1
    target = f"{server.url}/large.mp4"
    process = forked.Process(words(target), project)
    folder = project / "data" / "videos" / "clips"
    while not any(part.stat().st_size > 1_000_000 for part in folder.glob("*.part")):
        assert process.poll() is None, "it ended before it was killed"
        time.sleep(0.02)
    process.kill()
    server.pause_s = 0
    run(project, target)
    starts = [
        int(asked[6:].partition("-")[0]) for asked, _ in server.requests("/large.mp4") if asked
    ]
    assert max(starts) >= 1_000_000
    assert sha256(files(project)[0].read_bytes()) == sha256(videos["large"])


@pytest.mark.parametrize("part", ["whole", "garbage", "garbage at its end"])
def test_no_rest_of_an_earlier_run_spoils_a_video(project, server, videos, part):
    target = f"{server.url}/large.mp4"
    run(project, target)
    (file,) = files(project)
    shutil.rmtree(project / "data" / "downloads")
    whole = file.read_bytes()
    noise = random.Random(0).randbytes(300_000)
    contents = {"whole": whole, "garbage": noise, "garbage at its end": whole[:700_000] + noise}
    file.unlink()
    file.with_name(f"{file.name}.part").write_bytes(contents[part])
    run(project, target)
    assert [path.name for path in files(project)] == [file.name]
    assert sha256(file.read_bytes()) == sha256(videos["large"])


def test_parts_of_a_film_that_an_older_version_left_are_deleted(project, server, videos):
    target = f"{server.url}/good.mp4"
    run(project, target)
    (file,) = files(project)
    shutil.rmtree(project / "data" / "downloads")
    file.rename(file.with_suffix(".ranges"))
    run(project, target)
    assert [path.name for path in files(project)] == [file.name]
    assert sha256(file.read_bytes()) == sha256(videos["good"])


def test_a_busy_server_is_asked_again_but_not_before_it_says(project, server):
    server.statuses["/good.mp4"] = [503]
    run(project, f"{server.url}/good.mp4")
    first, second = (at for _, at in server.requests("/good.mp4")[:2])
    assert second - first >= 1
    assert len(scenes(project)) == 3


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_gone_is_asked_for_once(project, server, status):
    server.statuses["/old.mp4"] = [status] * 9
    target = server.feed("/old.mp4", "/good.mp4")
    run(project, target)
    (project / "data/scenes/clips.parquet").unlink()
    run(project, target)
    assert len(server.requests("/old.mp4")) == 1
    assert "nothing failed" in retry(project, target)
    assert len(server.requests("/old.mp4")) == 1


def test_a_server_that_stalls_is_given_up(project, server):
    server.files["/stall.mp4"] = server.files["/good.mp4"]
    server.stalls.add("/stall.mp4")
    target = server.feed("/stall.mp4", "/good.mp4")
    run(project, target)
    assert skipped(project)["state"].to_dict() == {f"{server.url}/stall.mp4": "failed"}
    server.stalls.clear()
    assert "1 more came" in retry(project, target)
    asked = len(server.asked)
    run(project, target)
    assert len(server.asked) == asked
    assert scenes(project)["item_id"].nunique() == 2


def test_a_deleted_shard_is_made_again_without_a_request(project, server):
    target = server.feed("/good.mp4", "/other.mp4")
    run(project, target)
    shard = project / "data/scenes/clips.parquet"
    whole = shard.read_bytes()
    shard.unlink()
    asked = len(server.asked)
    run(project, target)
    assert shard.read_bytes() == whole
    assert len(server.asked) == asked


def test_a_frame_that_hardly_differs_is_left_out_and_counted(project, server):
    edit(project, every_s=0.5)
    run(project, f"{server.url}/good.mp4")
    assert scenes(project)["time_s"].tolist() == [0, 1, 2]
    assert skipped(project)["state"].tolist() == ["repeated"] * 3


def test_a_video_of_ones_own_needs_no_server(project, videos):
    (project / "mine.mp4").write_bytes(videos["good"])
    run(project, "mine.mp4")
    assert scenes(project)["item_id"].unique().tolist() == ["mine.mp4"]
    assert len(scenes(project)) == 3
    shard = project / "data/scenes/clips.parquet"
    assert recorded_listing(shard) == listing(project / "mine.mp4")
    (project / "mine.mp4").write_bytes(videos["sound"])
    assert "mien: mine.mp4: audio only" in run(project, "mine.mp4", code=2)
    assert "there is no such file" in run(project, "yours.mp4", code=2)


def test_a_video_of_ones_own_that_was_withdrawn_gives_no_scene(project, videos):
    (project / "mine.mp4").write_bytes(videos["good"])
    table = project / "data" / "withdrawn.csv"
    table.write_text(f"{table.read_text()}item,{sha256(b'mine.mp4')},2025-05-01T10:00:00Z\n")
    assert "clips: 0 scenes, 1 withdrawn" in run(project, "mine.mp4")
    assert scenes(project).empty
    assert "mine.mp4" not in (project / "data/skipped/clips.csv").read_text()


def test_youtube_without_a_javascript_runtime_is_refused_before_any_request(project):
    out = run(project, "ytsearch3:bloopers", code=2, PATH="/nowhere")
    assert "needs deno, or node" in out
    assert out.count("\n") == 1


def test_ten_kills_change_nothing_but_the_times(project, tmp_path_factory, server):
    target = server.feed("/good.mp4", "/large.mp4", "/other.mp4")
    other = tmp_path_factory.mktemp("other") / "project"
    shutil.copytree(project, other)
    run(other, target)
    server.pause_s = 0.02
    chance = random.Random(0)
    for _ in range(10):
        process = forked.Process(words(target), project)
        time.sleep(chance.uniform(0.2, 1.6))
        process.kill()
    run(project, target, HOME="/dev/null", XDG_CACHE_HOME="/dev/null")
    pd.testing.assert_frame_equal(scenes(project), scenes(other))
    assert len(files(project)) == 3
    assert server.most_at_once <= 2, "one video at a time, and at most one more is being dropped"
