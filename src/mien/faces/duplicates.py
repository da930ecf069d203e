"""Duplicates: pictures with similar hashes that are also equal when aligned.

A hash cannot tell expressions apart: a smile may be 0 to 2 bits from the same person's neutral
face. So pictures with similar hashes are compared once more, pixel by pixel.
"""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mien.images import Picture, resize

BLOCK = 128
SIZE_PX = 64
PATCH_PX = 8
# of 600 pairs of a face and its resized or recompressed copy, 95 % differ by 0.10 or less; of 750
# pairs of drawn faces of other expressions or persons, the nearest differ by 0.149
SAME_BELOW = 0.12
ALIGNMENT = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 10, 1e-3)


def near_hashes(phashes: Sequence[str], max_distance: int) -> NDArray[np.int64]:
    """Return every pair of places whose 64-bit hashes differ in at most `max_distance` bits.

    A row has the earlier place first; rows are sorted by the later place, then the earlier one.
    """
    bits = np.array([int(phash, 16) for phash in phashes], np.uint64)
    pairs = [np.empty((0, 2), np.int64)]
    for start in range(0, len(bits), BLOCK):
        later = bits[start : start + BLOCK]
        distance = np.bitwise_count(later[:, None] ^ bits[None, : start + len(later)])
        row, earlier = np.nonzero(distance <= max_distance)
        before = earlier < row + start
        pairs.append(np.stack([earlier[before], row[before] + start], axis=1))
    return np.concatenate(pairs)


def first_shown(
    pairs: NDArray[np.int64], thumbnails: Mapping[int, Picture], n: int
) -> NDArray[np.int64]:
    """Return for each of n places the first place with the same picture, mostly itself.

    `pairs` are in the order of `near_hashes`. A picture is compared only with pictures that are no
    duplicates: in a slow film each picture resembles the next, but the last not the first.
    """
    first = np.arange(n)
    for earlier, later in pairs:
        new = first[earlier] == earlier and first[later] == later
        if new and difference(thumbnails[earlier], thumbnails[later]) < SAME_BELOW:
            first[later] = earlier
    return first


def thumbnail(crop: Picture) -> Picture:
    """Return the crop as `difference` compares it: grey, 64 px a side."""
    return np.asarray(cv2.cvtColor(resize(crop, SIZE_PX), cv2.COLOR_BGR2GRAY), np.uint8)


def difference(one: Picture, other: Picture) -> float:
    """Return how much two thumbnails differ where they differ most, in standard deviations.

    The second is aligned with the first, since a detector never draws the same box twice, and both
    are normalised. The greatest mean over a patch of 8 px counts: a mouth is a small part of a
    face.
    """
    first, second = (cv2.GaussianBlur(m.astype(np.float32), (0, 0), 1) for m in (one, other))
    warp = np.eye(2, 3, dtype=np.float32)
    try:
        _, warp = cv2.findTransformECC(first, second, warp, cv2.MOTION_AFFINE, ALIGNMENT, None, 1)
    except cv2.error:  # the two cannot be aligned
        return float("inf")
    laid = cv2.warpAffine(
        second,
        warp,
        (SIZE_PX, SIZE_PX),
        flags=cv2.INTER_LINEAR + cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    patches = cv2.blur(np.abs(_inner(first) - _inner(laid)), (PATCH_PX, PATCH_PX))
    half = PATCH_PX // 2
    return float(patches[half:-half, half:-half].max())


def components(pairs: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return for each of n places the number of its connected component."""
    edges = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return np.asarray(connected_components(edges, directed=False)[1], np.int64)


def _inner(thumbnail: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the picture without its rim, with mean 0 and standard deviation 1."""
    inner = thumbnail[PATCH_PX:-PATCH_PX, PATCH_PX:-PATCH_PX]
    normed: NDArray[np.float32] = (inner - inner.mean()) / (inner.std() + 1e-6)
    return normed
