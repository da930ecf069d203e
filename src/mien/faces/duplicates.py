"""Pictures that show the same: perceptual hashes within a few bits of each other."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

BLOCK = 128


def near_duplicates(phashes: Sequence[str], max_distance: int) -> NDArray[np.int64]:
    """Return every pair of places whose 64-bit hashes differ in at most `max_distance` bits.

    A row is a pair, the earlier place first; rows are sorted by the later place, then the earlier.
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


def components(pairs: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return for each of n places the number of its component: what pairs join, transitively."""
    edges = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return np.asarray(connected_components(edges, directed=False)[1], np.int64)
