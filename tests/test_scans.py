"""A JPEG may ask for the work of thousands of pictures in a few bytes: it is refused unread."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from mien.errors import PictureError
from mien.images import decode
from mien.scans import MOST_SCANS, has_too_many_scans

SCAN = b"\xff\xda"


def jpeg(**options: object) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", **options)
    return file.getvalue()


def repeated(data: bytes, times: int) -> bytes:
    """Return the progressive JPEG with its last scan that many times more."""
    scan = data[data.rindex(SCAN) : -2]
    return data[:-2] + scan * times + data[-2:]


def test_plain_and_progressive_pictures_have_few_scans():
    for data in (jpeg(), jpeg(progressive=True), jpeg(optimize=True, subsampling=0)):
        assert not has_too_many_scans(data)
        assert decode(data).shape == (60, 80, 3)


def test_a_picture_of_thousands_of_scans_is_refused_before_it_is_decoded():
    data = repeated(jpeg(progressive=True), 5000)
    assert Image.open(BytesIO(data)).size == (80, 60)  # it is a picture, and others decode it
    with pytest.raises(PictureError, match=f"a JPEG of more than {MOST_SCANS} scans"):
        decode(data)


@pytest.mark.parametrize("more", [0, 1])
def test_the_limit_is_exact(more):
    data = jpeg(progressive=True)
    data = repeated(data, MOST_SCANS - data.count(SCAN) + more)
    assert has_too_many_scans(data) is bool(more)


def test_markers_may_be_filled_up_and_scans_may_restart():
    data = repeated(jpeg(progressive=True), 5000)
    assert has_too_many_scans(data.replace(SCAN, b"\xff\xff\xff\xda"))
    assert has_too_many_scans(data.replace(SCAN, b"\xff\xd0\xff\xda"))


@pytest.mark.parametrize("passed_over", [b"\xff\x02\xff\xff", b"\xff\xbf\xff\xff"])
def test_no_scans_hide_behind_what_a_decoder_passes_over(passed_over):
    data = repeated(jpeg(progressive=True, restart_marker_blocks=4), 60)
    before, restart, rest = data.partition(b"\xff\xd0")
    hidden = before + passed_over + restart + rest
    with Image.open(BytesIO(hidden)) as one, Image.open(BytesIO(data)) as other:
        assert np.array_equal(np.asarray(one), np.asarray(other))  # every scan is decoded
    assert has_too_many_scans(hidden)


def test_however_long_a_marker_is_filled_up_it_is_read_once():
    filled = b"\xff" * 2_000_000
    assert not has_too_many_scans(b"\xff\xd8" + filled + b"\0")
    assert has_too_many_scans(b"\xff\xd8" + (filled[:10_000] + b"\xda\0\2") * 40)


def test_what_a_picture_carries_beside_itself_is_not_counted():
    scans = SCAN * 100
    with_preview = jpeg(exif=b"Exif\0\0" + scans)
    assert not has_too_many_scans(with_preview)
    assert not has_too_many_scans(jpeg() + scans)  # as phones append a film
    assert not has_too_many_scans(b"\x89PNG" + scans)


@pytest.mark.parametrize(
    "data", [b"\xff\xd8\xff", b"\xff\xd8\xff\xda", b"\xff\xd8\xff\xe0\0\0" * 9]
)
def test_a_file_cut_short_has_few_scans(data):
    assert not has_too_many_scans(data)
