"""`mien predict` and `mien compare` at work, as processes of their own."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import forked
import pytest
import videos
from models import CLASSES
from PIL import Image
from streams import camera

from mien.acquire.drawing.drawn import draw_source
from mien.boxes import BOX, iou
from mien.errors import SourceError
from mien.images import decode, encode_jpeg, encode_png
from mien.live.output import refuse_place
from mien.video.film import open_film

MIEN = str(Path(sys.executable).with_name("mien"))
DATA = Path(__file__).parents[3] / "shared" / "data"
YUNET = DATA / "weights" / "face_detection_yunet_2023mar.onnx"

pytestmark = pytest.mark.xdist_group("live")


def mien(folder: Path, *words: object, code: int = 0) -> str:
    """Run mien in the folder; return what it says of what is wrong or done."""
    ran = forked.run(["mien", *words], folder, apart=True)
    assert ran.returncode == code, ran.stderr
    assert "Traceback" not in ran.stderr
    return ran.stderr + ran.stdout


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def frames(path: Path) -> list[float]:
    with open_film(path) as film:
        return [frame.time_s for frame in film.frames()]


@pytest.fixture(scope="module")
def scenes():
    return [scene.image for scene in draw_source("mixed-9", 4)]


@pytest.fixture(scope="module")
def predicted(model, film, tmp_path_factory):
    """Return the folder with what was predicted of the drawn film."""
    folder = tmp_path_factory.mktemp("predicted")
    shutil.copy(film.path, folder / "film.mp4")
    said = mien(folder, "predict", model, "film.mp4")
    return folder / "predicted", said


def test_of_a_film_every_frame_is_in_the_annotated_film_at_its_time(film, predicted):
    folder, said = predicted
    times = frames(film.path)
    assert frames(folder / "film.mp4") == pytest.approx(times, abs=1e-4)
    with av.open(str(folder / "film.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec.name, stream.pix_fmt) == ("h264", "yuv420p")  # what browsers play
    assert f"film.mp4: {len(times)} frames" in said


def test_every_face_of_every_frame_is_a_row(film, predicted):
    found = rows(predicted[0] / "faces.jsonl")
    for row in found:
        assert row["time_s"] == pytest.approx(film.truth[row["frame"]][0], abs=1e-4)
        assert sum(row[f"p_{name}"] for name in CLASSES) == pytest.approx(1, abs=1e-5)
        assert sum(row[f"smoothed_{name}"] for name in CLASSES) == pytest.approx(1, abs=1e-5)
        assert row["expression"] in (*CLASSES, "unsure")
    for number, (_, faces) in enumerate(film.truth):
        here = [[row[side] for side in BOX] for row in found if row["frame"] == number]
        assert (iou([box for box, _ in faces], here).max(axis=1) > 0.4).all()


def test_spans_and_tracks_add_up_to_the_frames(predicted):
    folder = predicted[0]
    faces, spans, tracks = (rows(folder / f"{name}.jsonl") for name in ("faces", "spans", "tracks"))
    assert tracks[0]["track"] is None
    assert tracks[0]["faces"] == len(faces) == sum(span["frames"] for span in spans)
    for track in tracks[1:]:
        own = [row for row in faces if row["track"] == track["track"]]
        assert track["faces"] == len(own)
        assert (track["start_s"], track["end_s"]) == (own[0]["time_s"], own[-1]["time_s"])
        shares = [value for name, value in track.items() if name.startswith("share_")]
        assert sum(shares) == pytest.approx(1, abs=1e-5)


def test_pictures_and_folders_are_annotated_under_their_names(model, scenes, tmp_path):
    (tmp_path / "in" / "deeper").mkdir(parents=True)
    (tmp_path / "in" / "a.jpg").write_bytes(encode_jpeg(scenes[0]))
    (tmp_path / "in" / "deeper" / "a.png").write_bytes(encode_png(scenes[1]))
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    (tmp_path / "b.jpg").write_bytes(encode_jpeg(scenes[2]))
    said = mien(tmp_path, "predict", model, "in", "b.jpg", "--form", "csv", "--output", "out")
    assert "in: neither picture nor video: notes.txt" in said
    for name in ("a.jpg", "deeper/a.png", "b.jpg"):
        assert decode((tmp_path / "out" / name).read_bytes()).shape == scenes[0].shape
    with (tmp_path / "out" / "faces.csv").open() as file:
        table = list(csv.DictReader(file))
    assert {row["file"] for row in table} == {"in/a.jpg", "in/deeper/a.png", "b.jpg"}
    assert {row["frame"] for row in table} == {""}


def test_a_spreadsheet_takes_no_name_of_a_file_for_a_formula(model, scenes, tmp_path):
    names = {"=1+1.png": "'=1+1.png", "-a.png": "'-a.png", "a\rb.png": "a\rb.png"}
    for name in names:
        (tmp_path / name).write_bytes(encode_png(scenes[0]))
    mien(tmp_path, "predict", model, "--form", "csv", "--no-drawn", "--", *names)
    with (tmp_path / "predicted" / "faces.csv").open(newline="") as file:
        files = {row["file"] for row in csv.DictReader(file)}
    assert files == set(names.values())
    mien(tmp_path, "predict", model, "--no-drawn", "--output", "plain", "--", *names)
    assert {row["file"] for row in rows(tmp_path / "plain" / "faces.jsonl")} == set(names)


def test_a_source_that_no_disk_can_have_is_left_to_who_looks_at_it(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    refuse_place(tmp_path / "out", ["l" * 300, str(tmp_path / "loop")], replace=False)
    with pytest.raises(SourceError, match="File name too long; name another by --output"):
        refuse_place(tmp_path / ("l" * 300), [], replace=False)


def test_what_was_written_is_not_written_over(model, scenes, tmp_path):
    (tmp_path / "a.png").write_bytes(encode_png(scenes[0]))
    mien(tmp_path, "predict", model, "a.png")
    before = (tmp_path / "predicted" / "faces.jsonl").read_bytes()
    assert "add --replace" in mien(tmp_path, "predict", model, "a.png", code=2)
    for place in (".", tmp_path):
        said = mien(tmp_path, "predict", model, "a.png", "--output", place, "--replace", code=2)
        assert "a.png is in it" in said
    mien(tmp_path, "predict", model, "a.png", "--replace", "--no-drawn")
    assert (tmp_path / "predicted" / "faces.jsonl").read_bytes() == before


def test_what_was_made_before_is_no_source(model, scenes, tmp_path):
    (tmp_path / "a.png").write_bytes(encode_png(scenes[0]))
    for _ in range(2):
        mien(tmp_path, "predict", model, tmp_path, "--output", "out", "--replace")
    assert sorted(path.name for path in (tmp_path / "out").rglob("*.png")) == ["a.png"]


def test_two_sources_of_one_name_are_told_apart(model, scenes, tmp_path):
    for n, folder in enumerate(("one", "other")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.png").write_bytes(encode_png(scenes[n]))
    (tmp_path / "A.webp").write_bytes(encode_png(scenes[2]))
    mien(tmp_path, "predict", model, "one/a.png", "other/a.png", "A.webp")
    files = list(dict.fromkeys(row["file"] for row in rows(tmp_path / "predicted" / "faces.jsonl")))
    assert files == ["one/a.png", "other/a.png", "A.webp"]
    drawn = sorted(path.name for path in (tmp_path / "predicted").glob("*.png"))
    assert drawn == ["A-3.png", "a-2.png", "a.png"]


def test_rows_lead_back_to_the_files_as_they_were_given(model, scenes, tmp_path):
    for folder in ("one", "other/deeper"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.png").write_bytes(encode_png(scenes[0]))
    given = ["./one/", "other", str(tmp_path / "one"), "one/../one/a.png"]
    mien(tmp_path, "predict", model, *given)
    expected = ["./one/a.png", "other/deeper/a.png", f"{tmp_path}/one/a.png", "one/../one/a.png"]
    files = rows(tmp_path / "predicted" / "files.jsonl")
    assert [row["file"] for row in files] == expected
    found = rows(tmp_path / "predicted" / "faces.jsonl")
    for row in files:
        assert (tmp_path / row["file"]).is_file()
        assert (tmp_path / "predicted" / row["drawn"]).is_file()
        assert row["faces"] == sum(face["file"] == row["file"] for face in found) > 0
    assert len({row["drawn"] for row in files}) == len(files)


def test_what_is_given_twice_is_looked_at_once(model, scenes, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(encode_png(scenes[0]))
    said = mien(tmp_path, "predict", model, "in", "in/a.png")
    assert "in/a.png: given twice, looked at once" in said
    assert len(rows(tmp_path / "predicted" / "files.jsonl")) == 1


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_every_file_has_a_row_with_or_without_a_face_and_what_cannot_be_read_says_why(
    model, scenes, tmp_path, form
):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.png").write_bytes(encode_png(scenes[0]))
    (folder / "grey.png").write_bytes(encode_png(scenes[0] * 0 + 128))
    (folder / "half.jpg").write_bytes(encode_jpeg(scenes[0])[:9000])
    (folder / "none.JPG").write_bytes(b"")
    (folder / "page.webp").write_text("<html>not found</html>")
    (folder / "notes.txt").write_text("no picture")
    (folder / "none.mp4").write_bytes(b"")
    videos.write_video(folder / "empty.mp4", 25)
    said = mien(tmp_path, "predict", model, "in", "--form", form, code=2).splitlines()
    faults = [line for line in said if line.startswith("mien: ")]
    names = ["half.jpg", "none.JPG", "page.webp", "none.mp4"]
    for fault, name in zip(faults, names, strict=True):
        assert fault.startswith(f"mien: in/{name}: ")
    path = tmp_path / "predicted" / f"files.{form}"
    table = rows(path) if form == "jsonl" else list(csv.DictReader(path.open()))
    told = {row["file"]: (row["kind"], str(row["frames"]), bool(row["fault"])) for row in table}
    assert told == {
        "in/a.png": ("picture", "1", False),
        "in/grey.png": ("picture", "1", False),
        "in/half.jpg": ("picture", "0", True),
        "in/none.JPG": ("picture", "0", True),
        "in/page.webp": ("picture", "0", True),
        "in/empty.mp4": ("film", "25", False),
        "in/none.mp4": ("film", "0", True),
    }
    faces = {row["file"]: int(row["faces"]) for row in table}
    assert faces.pop("in/a.png") > 0
    assert set(faces.values()) == {0}


def test_pictures_without_a_face_are_no_error_and_a_script_can_tell(model, scenes, tmp_path):
    (tmp_path / "grey.png").write_bytes(encode_png(scenes[0] * 0 + 128))
    (tmp_path / "face.png").write_bytes(encode_png(scenes[0]))
    said = mien(tmp_path, "predict", model, "grey.png", code=3)
    assert said.splitlines()[-1] == "no face was found"
    assert "mien: " not in said
    mien(tmp_path, "predict", model, "grey.png", "face.png", "--replace")
    (tmp_path / "bad.png").write_bytes(b"")
    mien(tmp_path, "predict", model, "grey.png", "bad.png", "--replace", code=2)
    [grey, bad] = rows(tmp_path / "predicted" / "files.jsonl")
    assert grey == {
        "file": "grey.png", "kind": "picture", "frames": 1, "faces": 0, "drawn": "grey.png",
        "fault": None,
    }  # fmt: skip
    assert (bad["frames"], bad["drawn"]) == (0, None)


def test_what_is_nothing_leaves_nothing(model, tmp_path):
    (tmp_path / "fake.jpg").write_text("no picture")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("no picture")
    for source in ("fake.jpg", "notes", "nowhere.jpg"):
        said = mien(tmp_path, "predict", model, source, code=2)
        assert "written to" not in said
        assert not (tmp_path / "predicted").exists()


def test_a_place_that_cannot_be_written_is_one_line(model, scenes, tmp_path):
    (tmp_path / "a.png").write_bytes(encode_png(scenes[0]))
    said = mien(tmp_path, "predict", model, "a.png", "--output", "a.png/out", code=2)
    assert said.startswith("mien: a.png/out")
    assert len(said.splitlines()) == 1


def test_a_camera_that_breaks_off_is_told_and_kept(model, scenes, tmp_path):
    with camera(scenes, fps=30, frames=30) as address:
        said = mien(tmp_path, "predict", model, address, code=2)
    assert "the camera gives no more pictures; what came is kept" in said
    [path] = (tmp_path / "predicted").glob("*.mp4")
    assert frames(path)


def test_a_camera_on_the_network_is_watched_for_a_time(model, scenes, tmp_path):
    with camera(scenes, fps=60) as address:
        named = address.replace("//", "//anna:secret@")
        said = mien(tmp_path, "predict", model, named, "--seconds", "2")
    assert "secret" not in said
    assert "pictures came faster than they could be looked at" in said
    found = rows(tmp_path / "predicted" / "faces.jsonl")
    assert "secret" not in json.dumps(found[0])
    [path] = (tmp_path / "predicted").glob("*.mp4")
    assert "secret" not in path.name
    times = sorted({row["time_s"] for row in found})
    assert frames(path) == pytest.approx(times, abs=1e-3)
    assert times[-1] <= 2.0


def test_a_stop_leaves_whole_files(model, film, tmp_path):
    process = subprocess.Popen(
        [MIEN, "predict", model, film.path, "--output", "out"],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    table = tmp_path / "out" / "faces.jsonl"
    while not table.exists() or len(table.read_text().splitlines()) < 30:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "stopped before the end" in said
    times = frames(tmp_path / "out" / "film.mp4")
    assert 8 <= len(times) < len(film.truth)
    assert {row["frame"] for row in rows(table)} == set(range(len(times)))


def test_a_truncated_film_is_kept_up_to_its_end(model, tmp_path):
    whole = videos.write_video(tmp_path / "whole.mkv", 100, noise=20)
    (tmp_path / "cut.mkv").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    said = mien(tmp_path, "predict", model, "cut.mkv", "whole.mkv", code=2)
    [line] = [line for line in said.splitlines() if line.startswith("mien: ")]
    assert line.startswith("mien: cut.mkv: it ends after")
    assert 20 < len(frames(tmp_path / "predicted" / "cut.mp4")) < 80
    assert len(frames(tmp_path / "predicted" / "whole.mp4")) == 100  # the others are looked at


def test_a_film_without_a_face_gives_tables_without_rows(model, tmp_path):
    videos.write_video(tmp_path / "empty.mp4", 50)
    said = mien(tmp_path, "predict", model, "empty.mp4", "--form", "csv", code=3)
    assert "empty.mp4: 50 frames, 2.0 s, no face in any of them" in said
    for name in ("faces", "spans", "tracks"):
        assert len((tmp_path / "predicted" / f"{name}.csv").read_text().splitlines()) == 1
    assert len(frames(tmp_path / "predicted" / "empty.mp4")) == 50


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("fake.jpg", "fake.jpg: not a picture"),
        ("99", "99: no camera answers"),
        ("http://127.0.0.1:9/video", "http://127.0.0.1:9: no stream comes from there"),
        ("nowhere.mp4", "nowhere.mp4: not a file, a folder, a camera's number such as 0"),
        ("empty", "empty: the folder is empty"),
        ("half.jpg", "half.jpg: truncated or corrupt"),
        ("notes.txt", "notes.txt: not a video, or cut short"),
    ],
)
def test_what_cannot_be_looked_at_is_one_line(model, scenes, tmp_path, source, said):
    (tmp_path / "empty").mkdir()
    (tmp_path / "half.jpg").write_bytes(encode_jpeg(scenes[0])[:9000])
    for name in ("notes.txt", "fake.jpg"):
        (tmp_path / name).write_text("no film")
    lines = mien(tmp_path, "predict", model, source, code=2).splitlines()
    [line] = [line for line in lines if line.startswith("mien: ")]
    assert line.startswith(f"mien: {said}")


def test_nothing_in_a_folder_keeps_its_pictures_from_being_looked_at(model, scenes, tmp_path):
    folder, outside = tmp_path / "pictures", tmp_path / "outside.png"
    (folder / "a.jpg").mkdir(parents=True)
    names = [b"plain.png", b"M\xfcller.png", b'"two\nlines".png', b"l" * 251 + b".png"]
    for name in names:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(encode_png(scenes[0]))
    outside.write_bytes(encode_png(scenes[1]))
    (folder / "private.png").symlink_to(outside)
    (folder / "a.jpg" / "up").symlink_to("..")
    os.mkfifo(folder / "pipe.jpg")
    image = Image.effect_noise((320, 240), 60)
    image.save(folder / "damaged.avif")
    damaged = bytearray((folder / "damaged.avif").read_bytes())
    start = damaged.index(b"mdat") + 4
    damaged[start : start + 64] = bytes(64)
    (folder / "damaged.avif").write_bytes(damaged)
    said = mien(tmp_path, "predict", model, "pictures", code=2)
    looked_at = {row["file"] for row in rows(tmp_path / "predicted" / "faces.jsonl")}
    assert len(looked_at) == len(names)
    for line in (
        "mien: pictures/damaged.avif: truncated or corrupt: Failed to decode",
        "pictures/private.png: passed over: a link that leads out of the folder",
        "pictures/a.jpg/up: passed over: a link to a folder",
        "pictures/pipe.jpg: passed over: no file, but a pipe, a socket or a device",
    ):
        assert line in said


def test_two_pictures_are_compared_side_by_side(model, scenes, tmp_path):
    for name, scene in zip(("with", "without"), scenes, strict=False):
        (tmp_path / f"{name}.png").write_bytes(encode_png(scene))
    said = mien(tmp_path, "compare", model, "with.png", "without.png", "--output", "both.png")
    table = {words[0]: words[1:] for line in said.splitlines() if (words := line.split())}
    for column in (0, 2):
        assert sum(float(table[name][column]) for name in CLASSES) == pytest.approx(100, abs=0.3)
    height, width, _ = decode((tmp_path / "both.png").read_bytes()).shape
    assert width > 1200 < 2 * height


def test_compared_pictures_must_show_a_face(model, scenes, tmp_path):
    (tmp_path / "face.png").write_bytes(encode_png(scenes[0]))
    (tmp_path / "grey.png").write_bytes(encode_png(scenes[0] * 0 + 128))
    said = mien(tmp_path, "compare", model, "face.png", "grey.png", code=2)
    assert said == "mien: grey.png: no face was found in it; try another by --detector\n"
    assert not (tmp_path / "compared.png").exists()


@pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is absent")
@pytest.mark.parametrize(
    ("name", "count"), [("WolfgangLanger_Pexels.mp4", 472), ("face_noface.mov", 169)]
)
def test_real_clips_keep_their_frames_and_times(model, tmp_path, name, count):
    mien(tmp_path, "predict", model, DATA / "videos" / name, "--detector", YUNET)
    with av.open(str(DATA / "videos" / name)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert len(times) == count
    written = frames((tmp_path / "predicted" / name).with_suffix(".mp4"))
    assert written == pytest.approx(times, abs=1e-4)
    shown = {row["frame"]: row["time_s"] for row in rows(tmp_path / "predicted" / "faces.jsonl")}
    assert all(times[number] == pytest.approx(time_s, abs=1e-4) for number, time_s in shown.items())


@pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is absent")
def test_real_scenes_are_looked_at(model, tmp_path):
    said = mien(tmp_path, "predict", model, DATA / "scenes", "--detector", YUNET)
    photos = [p for p in (DATA / "scenes").iterdir() if p.suffix == ".jpg"]
    assert f"{len(photos)} pictures, " in said
    assert {p.name for p in (tmp_path / "predicted").glob("*.jpg")} == {p.name for p in photos}
