"""Folders of pictures become scenes; what is no usable picture is named with its reason."""

import io
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image
from typer.testing import CliRunner

from mien.acquire.folder import read_folder
from mien.acquire.listing import files_in, listing
from mien.acquire.withdrawn import Withdrawn
from mien.cli import app
from mien.errors import SourceError
from mien.images import decode

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


def test_the_listing_of_a_folder_changes_with_its_files(tmp_path):
    (tmp_path / "a.png").write_bytes(b"one")
    before = listing(tmp_path)
    (tmp_path / "a.png").touch()
    assert listing(tmp_path) == before
    (tmp_path / "b.png").write_bytes(b"two")
    assert listing(tmp_path) != before


def test_a_link_to_nothing_is_listed_and_skipped(tmp_path):
    (tmp_path / "fine.png").write_bytes(picture())
    (tmp_path / "lost.png").symlink_to(tmp_path / "elsewhere.png")
    before = listing(tmp_path)
    rows, skipped = read(tmp_path)
    assert [row["item_id"] for row in rows] == ["fine.png"]
    assert skipped == {"lost.png": "not readable: No such file or directory"}
    (tmp_path / "lost.png").unlink()
    assert listing(tmp_path) != before


def test_files_beyond_the_limit_are_told(tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(picture((40 + number, 30)))
    (tmp_path / "0.txt").write_text("buy milk")
    out = ["--scenes", str(tmp_path / "s.parquet"), "--skipped", str(tmp_path / "k.csv")]
    out += ["--withdrawn", str(PARAMS.parent / "data" / "withdrawn.csv")]
    asked = ["--target", str(tmp_path), "--limit", "2", "--source", "mine", "--params", str(PARAMS)]
    result = CliRunner().invoke(app, ["acquire", "folder", *asked, *out])
    assert result.stderr.splitlines()[-2] == "mine: 2 of 4 files, limit 2; 1 skipped"
