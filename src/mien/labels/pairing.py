"""Pairing the boxes of one scene one to one."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.boxes import BOX, iou

Positions = NDArray[np.intp]


def pair_boxes(
    left: pd.DataFrame, right: pd.DataFrame, min_iou: float
) -> tuple[Positions, Positions]:
    """Return the row positions in `left` and in `right` of paired boxes.

    Both tables have scene_id and a box. A pair is of one scene and overlaps by `min_iou` or more;
    no box is in two pairs; the sum of overlaps is the largest possible.
    """
    here, there = _rows_by_scene(left), _rows_by_scene(right)
    shared = sorted(here.keys() & there.keys())
    firsts, seconds = [np.empty(0, dtype=np.intp)], [np.empty(0, dtype=np.intp)]
    if shared:
        from scipy.optimize import linear_sum_assignment  # half a second, and seldom needed
    for scene in shared:
        overlap = iou(_boxes(left, here[scene]), _boxes(right, there[scene]))
        overlap[overlap < min_iou] = 0
        first, second = linear_sum_assignment(overlap, maximize=True)
        fits = overlap[first, second] > 0
        firsts.append(here[scene][first[fits]])
        seconds.append(there[scene][second[fits]])
    return np.concatenate(firsts), np.concatenate(seconds)


def _rows_by_scene(frame: pd.DataFrame) -> dict[str, Positions]:
    groups = frame.groupby("scene_id").indices
    return {str(scene): np.asarray(rows, dtype=np.intp) for scene, rows in groups.items()}


def _boxes(frame: pd.DataFrame, positions: Positions) -> NDArray[np.float64]:
    return frame[list(BOX)].iloc[positions].to_numpy(dtype=np.float64)
