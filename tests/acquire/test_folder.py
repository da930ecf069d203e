"""Folders of pictures become scenes; what is no usable picture is named with its reason."""

import contextlib
import io
import os
import shutil
import socket
import tempfile
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image
from typer.testing import CliRunner

from mien.acquire.folder import read_folder, unchanged
from mien.acquire.listing import held_by, listing
from mien.acquire.sources import own_place
from mien.acquire.tables import SKIPPED
from mien.acquire.withdrawn import Withdrawn
from mien.cli import app
from mien.errors import SourceError
from mien.folders import files_in
from mien.images import decode
from mien.shards import read_shard
from mien.tables import read_csv

PARAMS = Path(__file__).parents[2] / "params.yaml"
NOTHING = Withdrawn()


def picture(size=(40, 30), colour=(200, 30, 30), **options):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, **{"format": "PNG", **options})
    return file.getvalue()


def read(folder: Path, max_megapixels=50.0, withdrawn=NOTHING):
    skipped = []
    files = files_in(folder)
    rows = list(read_folder(folder, files, "mine", max_megapixels, withdrawn, skipped))
    return rows, {row["item_id"]: row["reason"] for row in skipped}


def test_pictures_of_usual_formats_are_taken_from_sub_folders_too(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    for number, kind in enumerate(["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF"]):
        path = tmp_path / "a" / "b" / f"{number}.{kind.lower()}"
        path.write_bytes(picture(colour=(20 * number, 0, 0), format=kind))
    pillow_heif.from_pillow(Image.new("RGB", (64, 48))).save(tmp_path / "phone.heic")
    (tmp_path / ".hidden.png").write_bytes(picture(colour=(1, 2, 3)))
    rows, skipped = read(tmp_path)
    assert len(rows) == 9
    assert skipped == {}
    assert [row["position"] for row in rows] == list(range(9))
    assert rows[-1]["item_id"] == "phone.heic"
    assert (rows[-1]["width"], rows[-1]["height"]) == (64, 48)


def test_files_that_are_no_usable_picture_are_named_with_the_reason(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8)
    whole = io.BytesIO()
    Image.fromarray(noise).save(whole, format="JPEG")
    (tmp_path / "cut.jpg").write_bytes(whole.getvalue()[:9000])
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("buy milk")
    (tmp_path / "page.jpg").write_text("<html>not found</html>")
    (tmp_path / "huge.png").write_bytes(picture((400, 300)))
    (tmp_path / "fine.png").write_bytes(picture())
    (tmp_path / "twin.png").write_bytes(picture())
    rows, skipped = read(tmp_path, max_megapixels=0.1)
    assert [row["item_id"] for row in rows] == ["fine.png"]
    cut = skipped.pop("cut.jpg")
    assert cut.startswith("truncated or corrupt: image file is truncated")
    assert skipped == {
        "empty.png": "empty file",
        "notes.txt": "not a picture",
        "page.jpg": "not a picture",
        "huge.png": "400 x 300 pixels; acquire.max_megapixels is 0.1",
        "twin.png": "the same file as fine.png",
    }


def test_a_header_that_declares_too_many_pixels_is_refused_unread(tmp_path):
    import zlib

    def chunk(name, body):
        crc = zlib.crc32(name + body).to_bytes(4, "big")
        return len(body).to_bytes(4, "big") + name + body + crc

    header = (12000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(bomb)
    (tmp_path / "fine.png").write_bytes(picture())
    _, skipped = read(tmp_path)
    assert skipped == {"bomb.png": "12000 x 12000 pixels; acquire.max_megapixels is 50"}


def test_a_photo_taken_sideways_is_upright_and_cmyk_is_read_as_colours(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its right side
    (tmp_path / "side.jpg").write_bytes(picture((60, 20), format="JPEG", exif=exif))
    cmyk = io.BytesIO()
    Image.new("RGB", (30, 30), (250, 10, 10)).convert("CMYK").save(cmyk, format="JPEG")
    (tmp_path / "print.jpg").write_bytes(cmyk.getvalue())
    rows, _ = read(tmp_path)
    printed, side = rows
    assert (side["width"], side["height"]) == (20, 60)
    blue, green, red = decode(printed["image"])[15, 15]
    assert red > 200 > 60 > max(blue, green)


def test_of_an_animation_the_first_frame_is_taken(tmp_path):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ((255, 0, 0), (0, 0, 255))]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    (scene,), _ = read(tmp_path)
    assert tuple(decode(scene["image"])[10, 10]) == (0, 0, 255)  # red, in the order BGR


def test_a_source_with_nothing_usable_is_an_error(tmp_path):
    (tmp_path / "empty.png").write_bytes(b"")
    with pytest.raises(SourceError) as error:
        read(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: none of its 1 files is a usable picture; the first, empty.png: empty file"
    )
    with pytest.raises(SourceError, match="there is no such folder; correct its target"):
        files_in(tmp_path / "elsewhere")


def test_a_link_to_nothing_is_listed_and_skipped(tmp_path):
    (tmp_path / "fine.png").write_bytes(picture())
    (tmp_path / "lost.png").symlink_to(tmp_path / "elsewhere.png")
    before = listing(tmp_path)
    rows, skipped = read(tmp_path)
    assert [row["item_id"] for row in rows] == ["fine.png"]
    assert skipped == {"lost.png": "not readable: No such file or directory"}
    (tmp_path / "lost.png").unlink()
    assert listing(tmp_path) != before


def test_links_in_a_circle_and_out_of_the_folder_are_named_and_not_followed(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "pictures"
    (folder / "a" / "x.jpg").mkdir(parents=True)  # a folder, whatever its name
    outside.mkdir()
    for place, colour in ((outside, "red"), (folder / "a" / "x.jpg", "blue")):
        (place / "one.png").write_bytes(picture(colour=colour))
    for name, target in {
        "a/up": "..", "a/up2": "..", "above": "../..", "private": outside,
        "private.png": outside / "one.png", "again.png": "a/x.jpg/one.png", "round.png": "round.png",
    }.items():  # fmt: skip
        (folder / name).symlink_to(target)
    rows, skipped = read(folder)
    assert [row["item_id"] for row in rows] == ["a/x.jpg/one.png"]
    away = "a link that leads out of the folder; put a copy in its place"
    assert skipped == {
        "a/up": "a link to a folder, which is not followed",
        "a/up2": "a link to a folder, which is not followed",
        "above": away,
        "private": away,
        "private.png": away,
        "again.png": "the same file as a/x.jpg/one.png",
        "round.png": skipped["round.png"],
    }
    assert skipped["round.png"].startswith("not readable: ")
    (outside / "one.png").write_bytes(b"edited")
    before = listing(folder)
    (outside / "one.png").write_bytes(b"again")
    assert listing(folder) == before


def test_pipes_and_sockets_are_named_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")
    (tmp_path / "pipe.png").symlink_to(tmp_path / "a.jpg")
    with contextlib.chdir(tmp_path), socket.socket(socket.AF_UNIX) as server:
        server.bind("b.jpg")
    (tmp_path / "fine.png").write_bytes(picture())
    rows, skipped = read(tmp_path)
    assert [row["item_id"] for row in rows] == ["fine.png"]
    reason = "no file, but a pipe, a socket or a device"
    assert skipped == dict.fromkeys(["a.jpg", "b.jpg", "pipe.png"], reason)
    assert listing(tmp_path)


def test_what_may_not_be_read_is_named_with_the_reason(shut_out):
    shut_out.mkdir()
    (shut_out / "closed").mkdir()
    for name in ("fine.png", "private.png", "closed/one.png"):
        (shut_out / name).write_bytes(picture())
    (shut_out / "private.png").chmod(0)
    (shut_out / "closed").chmod(0)
    rows, skipped = read(shut_out)
    assert [row["item_id"] for row in rows] == ["fine.png"]
    assert skipped == {
        "closed": "a folder that is not readable",
        "private.png": "not readable: Permission denied",
    }
    assert listing(shut_out)
    shut_out.chmod(0)
    with pytest.raises(SourceError, match="the folder is not readable: Permission denied"):
        read(shut_out)


@pytest.fixture
def shut_out():
    """A place for a folder, and a user who may be kept from it, as root may not."""
    place = Path(tempfile.mkdtemp(prefix="mien-"))
    if was_root := os.geteuid() == 0:
        place.chmod(0o777)
        os.seteuid(65534)
    yield place / "pictures"
    if was_root:
        os.seteuid(0)
    for folder in (place / "pictures", place / "pictures" / "closed"):
        folder.chmod(0o700)
    shutil.rmtree(place)


ODD = [
    *(b"M\xfcller.png", b"-rf.png", b'"quoted", and.png', b"two\nlines.png", b"\x1b[2Jescape.png"),
    *("ünï 中 🙂.png".encode(), b" .png", b"=1+1.png", b"100%{x}.png", b"l" * 251 + b".png"),
]


def test_pictures_with_odd_names_are_taken_and_named_in_every_table(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, name in enumerate(ODD):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(picture((40 + number, 30)))
        lost = b"not-" + name.removeprefix(b"llll")
        Path(os.fsdecode(os.fsencode(folder) + b"/" + lost)).write_bytes(b"not a picture")
    result = acquire(folder, limit=99)
    assert result.exit_code == 0, result.output
    names = {name.decode("utf-8", "backslashreplace") for name in ODD}
    assert set(read_shard(tmp_path / "s.parquet", ["item_id"])["item_id"]) == names
    left_out = read_csv(tmp_path / "k.csv", SKIPPED)["item_id"]
    assert set(left_out) == {f"not-{name.removeprefix('llll')}" for name in names}


def test_a_file_whose_time_is_beyond_all_calendars_is_taken(tmp_path):
    (tmp_path / "old.png").write_bytes(picture())
    os.utime(tmp_path / "old.png", ns=(0, -(10**18) * 9))
    rows, _ = read(tmp_path)
    assert len(rows) == 1


def test_a_picture_edited_while_the_folder_is_read_ends_the_source(tmp_path):
    (tmp_path / "one.png").write_bytes(picture())
    held = held_by(tmp_path)
    rows, _ = read(tmp_path)
    assert list(unchanged(rows, held)) == rows
    (tmp_path / "one.png").write_bytes(picture(colour="blue"))
    with pytest.raises(SourceError, match=r"one\.png: it changed while it was read; run snakemake"):
        list(unchanged(read(tmp_path)[0], held))


def acquire(folder: Path, limit: int, target: str = ""):
    """Run the command on a folder; what it writes lies beside the folder."""
    out = ["--scenes", str(folder.parent / "s.parquet"), "--skipped", str(folder.parent / "k.csv")]
    out += ["--withdrawn", str(PARAMS.parent / "data" / "withdrawn.csv")]
    asked = ["--target", target or str(folder), "--limit", str(limit), "--source", "mine"]
    with contextlib.chdir(folder.parent):
        return CliRunner().invoke(app, ["acquire", "folder", *asked, *out, "--params", str(PARAMS)])


def test_files_beyond_the_limit_are_told(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.png").write_bytes(picture((40 + number, 30)))
    (folder / "0.txt").write_text("buy milk")
    result = acquire(folder, limit=2)
    assert (
        result.stderr.splitlines()[-2]
        == "mine: 2 of 4 files, the first by name (limit 2 in sources.csv); 1 skipped"
    )


def test_a_folder_in_the_home_is_found_by_its_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "photos").mkdir(parents=True)
    (tmp_path / "home" / "photos" / "a.png").write_bytes(picture())
    (tmp_path / "project").mkdir()
    result = acquire(tmp_path / "project" / "~", limit=2, target="~/photos")
    assert result.exit_code == 0, result.output
    assert own_place("photos") == Path("photos")  # of the project
    with pytest.raises(SourceError, match="there is no such home folder"):
        own_place("~nobody-here/photos")
