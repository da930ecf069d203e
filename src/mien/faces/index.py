"""The index of faces: their status, duplicates and groups."""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.acquire.tables import UNKNOWN
from mien.acquire.withdrawn import Withdrawn, item_name
from mien.boxes import BOX
from mien.errors import SourceError
from mien.faces.duplicates import components, first_shown, near_hashes
from mien.faces.tables import FACES, STATUSES
from mien.images import Picture
from mien.params import FacesParams

REPEATED = "repeated"
LARGE_SHARE = 0.1
ORDER = ["withdrawn", "row", "position", "time_s", *BOX]


def order_faces(
    crops: pd.DataFrame,
    scenes: pd.DataFrame,
    sources: pd.DataFrame,
    withdrawn: Withdrawn,
    params: FacesParams,
) -> pd.DataFrame:
    """Return every crop in the order of the index: by source, position, time and box.

    `crops` and `scenes` are the columns of their shards without pixels, with `source_id`. Adds the
    name of each face's own `group`, its source's `expression`, and the `status` kept, too_small,
    blurred or withdrawn. Withdrawn faces come last, so that another source's copy replaces them;
    each is its own group without an expression, and so affects no other face.
    """
    gone = withdrawn.among(scenes, sources)
    named = scenes.assign(group=group_names(scenes, sources).to_numpy(), withdrawn=gone.to_numpy())
    seen = crops.merge(
        named[["source_id", "scene_id", "position", "time_s", "group", "withdrawn"]],
        on=["source_id", "scene_id"],
        how="left",
        validate="many_to_one",
    ).merge(
        sources[["source_id", "expression"]].assign(row=range(len(sources))),
        on="source_id",
        how="left",
        validate="many_to_one",
    )
    ordered = seen.sort_values(ORDER, ignore_index=True)
    gone = ordered["withdrawn"]
    return ordered.assign(
        group=ordered["group"].mask(gone, ordered["face_id"]),
        expression=ordered["expression"].mask(gone),
        status=_quality(ordered, params).mask(gone, "withdrawn"),
    )


def look_alikes(ordered: pd.DataFrame, max_distance: int) -> NDArray[np.int64]:
    """Return the pairs of places in the ordered faces whose hashes are similar.

    Faces that are too small, blurred, withdrawn or repeated by another source are in no pair.
    """
    compared = np.flatnonzero((ordered["status"] == "kept") & ~ordered.duplicated("face_id"))
    return compared[near_hashes(ordered["phash"].iloc[compared].tolist(), max_distance)]


def index_faces(
    ordered: pd.DataFrame, pairs: NDArray[np.int64], thumbnails: Mapping[int, Picture]
) -> pd.DataFrame:
    """Return the index of faces.

    `thumbnails` has a picture for every place in `pairs`. A face is a duplicate of the first kept
    face with the same picture. A face that two sources have gets one row, the first. If the sources
    of equal pictures name different expressions, the face gets none. Groups are the connected
    components of equal names and equal pictures over all sources, named after their first.
    """
    place = _first_place(ordered["face_id"])
    first = first_shown(pairs, thumbnails, len(ordered))[place]
    duplicate = pd.Series(first != place, index=ordered.index)
    indexed = ordered.assign(
        group_id=_groups(ordered, first),
        expression=_hopes(ordered["expression"], first),
        status=ordered["status"].mask(duplicate, "duplicate"),
        duplicate_of=ordered["face_id"].iloc[first].set_axis(ordered.index).where(duplicate),
    )
    again = ordered.duplicated("face_id")
    faces: pd.DataFrame = indexed.loc[~again, list(FACES.columns)].reset_index(drop=True)
    return faces


def count_faces(crops: pd.DataFrame, faces: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Return the number of faces, a row a source and a column a status.

    `repeated` counts the faces of scenes that the index has from another source.
    """
    counts = pd.crosstab(faces["source_id"], faces["status"])
    counts = counts.reindex(index=sources["source_id"], columns=list(STATUSES), fill_value=0)
    found = crops["source_id"].value_counts().reindex(counts.index, fill_value=0)
    return counts.assign(**{REPEATED: found.astype(int) - counts.sum(axis=1)})


def large_groups(faces: pd.DataFrame) -> "pd.Series[int]":
    """Return the sizes of the groups of more than a tenth of all kept faces."""
    sizes = faces.loc[faces["status"] == "kept", "group_id"].value_counts()
    return sizes[sizes > LARGE_SHARE * sizes.sum()]


def group_names(scenes: pd.DataFrame, sources: pd.DataFrame) -> "pd.Series[str]":
    """Return each scene's own group: by its source's pattern, else its author, else its item."""
    asked = scenes[["source_id", "item_id", "author"]].merge(
        sources[["source_id", "kind", "group"]], on="source_id", how="left", validate="many_to_one"
    )
    named = zip(asked["source_id"], asked["kind"], asked["item_id"], strict=True)
    items = pd.Series([item_name(*place) for place in named], asked.index, dtype="string")
    names = asked["author"].mask(asked["author"] == UNKNOWN, items)
    for source, pattern in sources.set_index("source_id")["group"].dropna().items():
        here = asked["source_id"] == source
        names = names.mask(here, _matches(str(source), pattern, asked.loc[here, "item_id"]))
    return names


def _matches(source: str, pattern: str, items: "pd.Series[str]") -> "pd.Series[str]":
    found = [re.search(pattern, item) for item in items]
    lost = [item for item, match in zip(items, found, strict=True) if not (match and match[1])]
    if lost:
        raise SourceError(
            f"source {source}: the group pattern {pattern!r} finds nothing in the item {lost[0]!r}"
            f" ({len(lost)} such); correct it in sources.csv, or leave it empty"
        )
    return pd.Series([match[1] for match in found if match], items.index, dtype="string")


def _quality(faces: pd.DataFrame, params: FacesParams) -> "pd.Series[str]":
    status = pd.Series("kept", index=faces.index, dtype="string")
    status = status.mask(faces["sharpness"] < params.min_sharpness, "blurred")
    return status.mask(faces[["width", "height"]].min(axis=1) < params.min_size_px, "too_small")


def _first_place(values: "pd.Series[str]") -> NDArray[np.int64]:
    """Return for each row the place of the first row with the same value."""
    places = pd.Series(range(len(values)), index=values.index)
    return places.groupby(values).transform("first").to_numpy(np.int64)


def _groups(ordered: pd.DataFrame, first: NDArray[np.int64]) -> "pd.Series[str]":
    """Return the name of the first group in each component of shared names and pictures."""
    places = np.arange(len(ordered))
    named = np.stack([_first_place(ordered["group"]), places], axis=1)
    component = components(np.concatenate([named, np.stack([first, places], axis=1)]), len(places))
    return ordered["group"].groupby(component).transform("first")


def _hopes(expression: "pd.Series[str]", first: NDArray[np.int64]) -> "pd.Series[str]":
    """Return the one expression that the sources of equal pictures name, else none."""
    hopes = expression.groupby(first)
    return hopes.transform("first").where(hopes.transform("nunique") == 1)
