"""Pictures of every format and depth: the right values, or a reason; never anything else."""

import random
import struct
from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image

from mien.errors import PictureError
from mien.images import decode, is_picture, size_of

pytestmark = pytest.mark.filterwarnings("ignore")  # as images.py does for users

RAMP = np.tile(np.linspace(0, 1, 64), (48, 1))
GREY = np.rint(RAMP * 255)
EXIF_6 = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"


def encoded(picture, form, **options) -> bytes:
    """A picture, of Pillow or an array, in a format."""
    buffer = BytesIO()
    image = Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture
    image.save(buffer, form, **options)
    return buffer.getvalue()


def tiff(values, photometric=1, sign=1, planes=1, order="<", subfile=0) -> bytes:
    """A TIFF without compression, written by hand, in one strip for each plane."""
    height, width = values.shape[:2]
    depth = 1 if values.ndim == 2 else values.shape[2]
    laid = np.moveaxis(values, 2, 0) if planes == 2 else values
    body = laid.astype(values.dtype.newbyteorder(order)).tobytes()
    strips = depth if planes == 2 else 1
    size = len(body) // strips
    tags = {
        254: ("I", [subfile]), 256: ("H", [width]), 257: ("H", [height]),
        258: ("H", [values.dtype.itemsize * 8] * depth), 259: ("H", [1]), 262: ("H", [photometric]),
        273: ("I", [8 + size * strip for strip in range(strips)]), 277: ("H", [depth]),
        278: ("H", [height]), 279: ("I", [size] * strips), 284: ("H", [planes]),
        339: ("H", [sign] * depth),
    }  # fmt: skip
    rows, tail, at = b"", b"", 8 + len(body) + 2 + 12 * len(tags) + 4
    for tag, (kind, numbers) in tags.items():
        packed = struct.pack(f"{order}{len(numbers)}{kind}", *numbers)
        if len(packed) > 4:
            packed, tail = struct.pack(order + "I", at + len(tail)), tail + packed
        rows += struct.pack(order + "HHI", tag, {"H": 3, "I": 4}[kind], len(numbers))
        rows += packed.ljust(4, b"\0")
    start = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", 8 + len(body))
    return start + body + struct.pack(order + "H", len(tags)) + rows + b"\0\0\0\0" + tail


def by_cv2(form, values) -> bytes:
    lossless = [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000]
    return cv2.imencode(form, values, lossless if form == ".jp2" else [])[1].tobytes()


def check(data: bytes, wanted: np.ndarray, within: int = 1) -> None:
    if wanted.ndim == 2:
        wanted = np.dstack([wanted] * 3)
    shown = decode(data)
    assert shown.shape == wanted.shape
    assert np.abs(shown.astype(int) - wanted.astype(int)).max() <= within


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_white_is_white_at_every_depth_that_16_bits_can_hold(bits):
    deep = np.rint(RAMP * (2**bits - 1)).astype(np.uint16)
    for data in (
        *(by_cv2(".png", deep), by_cv2(".tiff", deep), by_cv2(".jp2", deep)),
        *(tiff(deep), tiff(deep, order=">"), encoded(deep, "TIFF", compression="tiff_lzw")),
        *(tiff(deep.astype(np.uint32)), tiff(deep.astype(np.int32), sign=2)),
        tiff(deep.astype(np.float32), sign=3),
        encoded(Image.fromarray(deep.astype(np.float32)), "PPM"),
        b"P5 64 48 %d\n" % (2**bits - 1) + deep.astype(">u2" if bits > 8 else "u1").tobytes(),
    ):
        check(data, GREY)
    blue, green, red = deep, deep[:, ::-1], deep // 2
    wanted = np.dstack([GREY, GREY[:, ::-1], GREY // 2])
    colours, solid = np.dstack([blue, green, red]), np.full_like(deep, 2**bits - 1)
    for data in (
        by_cv2(".png", colours),
        by_cv2(".tiff", colours),
        by_cv2(".png", np.dstack([colours, solid])),
        by_cv2(".png", np.dstack([colours, np.full_like(deep, 65535)])),
        by_cv2(".jp2", colours),
        tiff(colours[:, :, ::-1], photometric=2),
    ):
        check(data, wanted)


def test_a_depth_that_is_declared_is_believed_however_dark_the_picture():
    dark = np.rint(RAMP * 200).astype(">u2")
    check(b"P5 64 48 65535\n" + dark.tobytes(), np.rint(RAMP * 200 / 257))


@pytest.mark.parametrize("order", "<>")
def test_white_may_be_zero_and_numbers_signed(order):
    deep = np.rint(RAMP * 65535).astype(np.uint16)
    check(tiff((deep // 2).astype(np.int16), sign=2, order=order), GREY)
    check(tiff(RAMP.astype(np.float32), photometric=0, sign=3, order=order), 255 - GREY)
    check(tiff(GREY.astype(np.uint8), photometric=0, order=order), 255 - GREY)
    whole = np.rint(RAMP * (2**31 - 1)).astype(np.int32)
    check(tiff(whole, sign=2, order=order), GREY)
    check(tiff(deep), GREY)
    check(tiff(deep, photometric=0), 255 - GREY)


def test_floats_are_light_from_0_to_1_or_numbers_of_8_bits_and_more():
    unit = RAMP.astype(np.float32)
    check(tiff(unit, sign=3), GREY)
    check(tiff(unit * 1.1 - 0.05, sign=3), np.clip(RAMP * 1.1 - 0.05, 0, 1) * 255)
    check(tiff(unit * 255, sign=3), GREY)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (RAMP * 200 - 100, "its numbers go from -100 to 100, which is neither 0 to 1 nor"),
        (RAMP * 4, "its numbers go from 0 to 4, which"),
        (RAMP * 1e9, "its numbers go from 0 to 1e+09, which"),
        (np.where(RAMP > 0.5, np.nan, RAMP), "its numbers go from nan to nan, which"),
        (np.rint(RAMP * 1000 - 500).astype(np.int32), "its numbers go down to -500; save it"),
    ],
)
def test_numbers_that_stand_for_no_brightness_are_refused(values, reason):
    floats = values.dtype != np.int32
    data = tiff(values.astype(np.float32) if floats else values, sign=3 if floats else 2)
    with pytest.raises(PictureError) as error:
        decode(data)
    assert str(error.value).startswith(reason)


def test_kinds_that_would_come_out_as_noise_are_refused():
    deep = np.dstack([np.rint(RAMP * 65535).astype(np.uint16)] * 3)
    signed, halves = np.zeros((48, 64), np.int8), RAMP.astype(np.float16)
    strange = [tiff(deep, photometric=2, planes=2), tiff(signed, sign=2), tiff(halves, sign=3)]
    floats = np.dstack([RAMP.astype(np.float32)] * 3)
    for data in (*strange, by_cv2(".hdr", floats), by_cv2(".pfm", floats)):
        with pytest.raises(
            PictureError, match="damaged, or a kind of picture that mien cannot read"
        ):
            decode(data)
    with pytest.raises(PictureError, match="a raw photograph, of which only a preview is read"):
        size_of(tiff(GREY.astype(np.uint8), subfile=1))


def test_what_is_transparent_lies_on_white_in_every_format():
    picture = Image.new("RGBA", (64, 48), (200, 30, 60, 255))
    picture.paste((10, 20, 30, 0), (32, 0, 64, 48))
    palette, grey = picture.convert("P"), picture.convert("L")
    for data in (
        *(encoded(picture, form) for form in ("PNG", "TIFF", "TGA", "GIF", "JPEG2000", "AVIF")),
        *(encoded(picture, "WEBP", lossless=True), encoded(picture, "HEIF", quality=-1)),
        encoded(palette, "PNG", transparency=palette.getpixel((50, 5))),
        encoded(picture.convert("RGB"), "PNG", transparency=(10, 20, 30)),
    ):
        shown = decode(data)
        assert np.abs(shown[5, 5].astype(int) - (60, 30, 200)).max() <= 3
        assert shown[5, 50].tolist() == [255, 255, 255]
    for data in (
        encoded(picture.convert("LA"), "PNG"),
        encoded(grey, "PNG", transparency=grey.getpixel((50, 5))),
    ):
        shown = decode(data)
        assert (shown[5, 5, 0], shown[5, 50, 0]) == (grey.getpixel((5, 5)), 255)


def test_an_alpha_channel_that_was_left_empty_hides_nothing():
    picture = Image.new("RGBA", (8, 8), (200, 30, 60, 0))
    for form in ("PNG", "TGA"):
        assert decode(encoded(picture, form))[4, 4].tolist() == [60, 30, 200]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF", "MPO"])
def test_a_picture_is_upright_in_every_format(form):
    picture = Image.new("RGB", (64, 48), (255, 255, 255))
    picture.paste((0, 0, 0), (0, 0, 64, 16))  # what is above is black
    shown = decode(
        encoded(picture, form, exif=EXIF_6, **{"lossless": True} if form == "WEBP" else {})
    )
    assert shown.shape == (64, 48, 3)
    assert shown[:, 36:].mean() < 40  # what was above is at the right
    assert shown[:, :28].mean() > 220


def test_a_picture_whose_other_exif_is_damaged_is_upright_too():
    broken = struct.pack("<HHII", 0x8769, 4, 1, 0xFFFFFFF0) + struct.pack(
        "<HHII", 0x010F, 2, 9, 0xFFFF
    )
    turned = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    exif = b"Exif\0\0II*\0\x08\0\0\0\x03\0" + turned + broken + b"\0\0\0\0"
    assert decode(encoded(Image.new("RGB", (8, 4)), "JPEG", exif=exif)).shape == (8, 4, 3)


def test_an_icon_is_not_opened_since_pillow_would_decode_it_before_its_size_is_known():
    with pytest.raises(PictureError, match="not a picture"):
        size_of(encoded(Image.new("RGBA", (32, 32), "red"), "ICO", sizes=[(32, 32)]))


def test_a_format_that_a_program_would_have_to_draw_is_no_picture(tmp_path):
    page = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n%%EOF\n"
    (tmp_path / "page.png").write_bytes(page)
    assert not is_picture(tmp_path / "page.png")
    with pytest.raises(PictureError, match="not a picture"):
        decode(page)


def samples() -> dict[str, bytes]:
    """A small picture in every format that is read, of every kind that differs in its code."""
    noise = np.random.default_rng(0).integers(0, 255, (8, 10, 3), np.uint8)
    picture = Image.fromarray(np.kron(noise, np.ones((8, 8, 1), np.uint8)))
    clear = picture.convert("RGBA")
    clear.putalpha(picture.convert("L"))
    deep = np.asarray(picture.convert("L")).astype(np.uint16) * 16
    more = {"save_all": True, "append_images": [picture.rotate(90)]}
    one_bit = picture.convert("1")
    return {
        **{form: encoded(picture, form, exif=EXIF_6) for form in ("JPEG", "WEBP", "AVIF", "HEIF")},
        **{form: encoded(picture, form) for form in ("BMP", "PPM", "JPEG2000", "TGA", "PCX", "SGI")},
        **{form: encoded(clear, form) for form in ("PNG", "DDS")},
        **{form: encoded(one_bit, form) for form in ("MSP", "XBM")},
        **{f"TIFF {way}": encoded(picture, "TIFF", compression=way)
           for way in (None, "tiff_lzw", "jpeg", "packbits")},
        "TIFF group4": encoded(one_bit, "TIFF", compression="group4"),
        "TIFF 16": encoded(deep, "TIFF"),
        "TIFF F": encoded(deep.astype(np.float32), "TIFF"),
        "PNG 16": encoded(deep, "PNG"),
        "PNG P": encoded(picture.convert("P"), "PNG", transparency=3),
        "PNG moving": encoded(picture, "PNG", **more),
        "GIF moving": encoded(picture, "GIF", **more),
        "WEBP moving": encoded(picture, "WEBP", **more),
        "AVIF clear": encoded(clear, "AVIF"),
        "JPEG CMYK": encoded(picture.convert("CMYK"), "JPEG"),
        "JPEG progressive": encoded(picture, "JPEG", progressive=True),
        "JPEG2000 bare": encoded(picture, "JPEG2000", no_jp2=True),
    }  # fmt: skip


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The data cut off, or with bytes that were changed, zeroed, repeated or lost."""
    at, length = chance.randrange(len(data)), chance.choice([1, 4, 16, 64])
    return chance.choice(
        [
            data[:at],
            data[:at] + chance.randbytes(length) + data[at + length :],
            data[:at] + bytes(length) + data[at + length :],
            data[: at + length] + data[at:],
            data[:at] + data[at + length :],
            data[: at % 100] + b"\xff" + data[at % 100 + 1 :],
        ]
    )


def test_whatever_is_damaged_gives_a_picture_or_a_reason():
    chance, outcomes = random.Random(0), []
    for data in samples().values():
        assert decode(data).dtype == np.uint8
        outcomes += [outcome(damaged(data, chance)) for _ in range(40)]
    assert 100 < outcomes.count("a picture") < len(outcomes) - 100


def test_a_file_cut_in_half_is_refused_in_every_format():
    for form, data in samples().items():
        with pytest.raises(PictureError):
            pytest.fail(f"{form}: {decode(data[: len(data) // 2]).shape}")


def outcome(data: bytes) -> str:
    """A picture no larger than was said, or a reason on one line."""
    try:
        width, height = size_of(data)
        if width * height < 1e7:
            shown = decode(data)
            assert shown.dtype == np.uint8
            assert 0 < shown.size <= 3 * width * height
        return "a picture"
    except PictureError as reason:
        assert str(reason).isprintable()
        return str(reason)


def test_an_avif_whose_coded_bytes_are_zeros_is_refused_with_a_reason():
    picture = Image.effect_noise((320, 240), 60).convert("RGB")
    data = bytearray(encoded(picture, "AVIF"))
    start = data.index(b"mdat") + 4
    data[start : start + 64] = bytes(64)
    with pytest.raises(PictureError, match="truncated or corrupt: Failed to decode"):
        decode(bytes(data))


def test_an_unreadable_orientation_is_none():
    words = b"\x12\x01\x02\0\x04\0\0\0six\0"  # the orientation as a text
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + words + b"\0\0\0\0"
    buffer = BytesIO()
    Image.new("RGB", (8, 4), (10, 200, 30)).save(buffer, "JPEG", exif=exif)
    assert decode(buffer.getvalue()).shape == (4, 8, 3)


def test_a_grey_picture_of_16_bits_keeps_its_greys():
    buffer = BytesIO()
    grey = np.full((4, 8), 111 * 257, np.uint16)
    Image.fromarray(grey).save(buffer, "PNG")
    assert (decode(buffer.getvalue()) == 111).all()
