"""The index of faces: which are kept, which show the same, and which belong together."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mien.errors import SourceError
from mien.faces.duplicates import components, near_duplicates
from mien.faces.tables import FACES, STATUSES
from mien.params import FacesParams

REPEATED = "repeated"
UNKNOWN_AUTHOR = ("", "unknown")
LARGE_SHARE = 0.1
ORDER = ["row", "position", "time_s", "x", "y", "width", "height"]


def index_faces(
    crops: pd.DataFrame, scenes: pd.DataFrame, sources: pd.DataFrame, params: FacesParams
) -> pd.DataFrame:
    """Return the index of faces: in the order of the sources, then position, time and box.

    `crops` and `scenes` have the columns of their shards, pixels aside, and `source_id`. A face
    that is too small or blurred is not compared. A face is a duplicate of the first kept face
    that its hash is near to. A face that a second source has too (the same photo) stands in the
    index once. Where those that show the same hope for different expressions, none is hoped for.
    Groups are joined by equal authors, items or patterns and by near hashes, over all sources,
    one leading to the next; the first one's name is given to all.
    """
    seen = _in_order(crops, scenes, sources)
    place = _first_place(seen["face_id"])
    again = place != seen.index
    status = _quality(seen, params)
    compared = np.flatnonzero((status == "kept") & ~again)
    hashes = seen["phash"].iloc[compared].tolist()
    pairs = compared[near_duplicates(hashes, params.max_phash_distance)]
    original = _first_kept(pairs, len(seen))[place]
    duplicate = pd.Series(original != place, index=seen.index)
    indexed = seen.assign(
        group_id=_groups(seen, np.concatenate([pairs, np.stack([place, seen.index], axis=1)])),
        expression=_hopes(seen, sources, original),
        status=status.mask(duplicate, "duplicate"),
        duplicate_of=seen["face_id"].iloc[original].set_axis(seen.index).where(duplicate),
    )
    faces: pd.DataFrame = indexed.loc[~again, list(FACES.columns)].reset_index(drop=True)
    return faces


def count_faces(crops: pd.DataFrame, faces: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Return one row a source and one column a status: how many faces; `repeated` ones have no row.

    Repeated are faces of a scene that an earlier source has already.
    """
    counts = pd.crosstab(faces["source_id"], faces["status"])
    counts = counts.reindex(index=sources["source_id"], columns=list(STATUSES), fill_value=0)
    found = crops["source_id"].value_counts().reindex(counts.index, fill_value=0)
    return counts.assign(**{REPEATED: found.astype(int) - counts.sum(axis=1)})


def large_groups(faces: pd.DataFrame) -> "pd.Series[int]":
    """Return the sizes of the groups that hold more than a tenth of all kept faces."""
    sizes = faces.loc[faces["status"] == "kept", "group_id"].value_counts()
    return sizes[sizes > LARGE_SHARE * sizes.sum()]


def group_names(scenes: pd.DataFrame, sources: pd.DataFrame) -> "pd.Series[str]":
    """Return the group of each scene by itself: by its source's pattern, its author or its item.

    Items of a folder are named within it, so they are told from another folder's by the source.
    """
    asked = scenes[["source_id", "item_id", "author"]].merge(
        sources[["source_id", "kind", "group"]], on="source_id", how="left", validate="many_to_one"
    )
    item = asked["item_id"].where(
        asked["kind"] != "folder", asked["source_id"] + "/" + asked["item_id"]
    )
    names = asked["author"].mask(asked["author"].isin(UNKNOWN_AUTHOR), item)
    for source, pattern in sources.set_index("source_id")["group"].dropna().items():
        here = asked["source_id"] == source
        names = names.mask(here, _matches(str(source), pattern, asked.loc[here, "item_id"]))
    return names


def _matches(source: str, pattern: str, items: "pd.Series[str]") -> "pd.Series[str]":
    found = items.map(lambda item: re.search(pattern, item))
    lost = [item for item, match in zip(items, found, strict=True) if not (match and match[1])]
    if lost:
        raise SourceError(
            f"source {source}: the group pattern {pattern!r} finds nothing in the item {lost[0]!r}"
            f" ({len(lost)} such); correct it in sources.csv, or leave it empty"
        )
    return found.map(lambda match: match[1]).astype("string")


def _in_order(crops: pd.DataFrame, scenes: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Return every crop with its scene's columns, in the order of the index."""
    named = scenes.assign(group=group_names(scenes, sources).to_numpy())
    row = pd.Series(range(len(sources)), index=sources["source_id"])
    seen = crops.merge(
        named[["source_id", "scene_id", "position", "time_s", "group"]],
        on=["source_id", "scene_id"],
        how="left",
        validate="many_to_one",
    )
    return seen.assign(row=seen["source_id"].map(row)).sort_values(ORDER, ignore_index=True)


def _quality(seen: pd.DataFrame, params: FacesParams) -> "pd.Series[str]":
    status = pd.Series("kept", index=seen.index, dtype="string")
    status = status.mask(seen["sharpness"] < params.min_sharpness, "blurred")
    return status.mask(seen[["width", "height"]].min(axis=1) < params.min_size_px, "too_small")


def _first_place(values: "pd.Series[str]") -> NDArray[np.int64]:
    """Return for each row the first row that has the same value."""
    places = pd.Series(range(len(values)), index=values.index)
    return places.groupby(values).transform("first").to_numpy(np.int64)


def _first_kept(pairs: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return for each place the first kept place that it pairs with; its own when it is kept."""
    original = np.arange(n)
    for earlier, later in pairs:
        if original[later] == later and original[earlier] == earlier:
            original[later] = earlier
    return original


def _groups(seen: pd.DataFrame, pairs: NDArray[np.int64]) -> "pd.Series[str]":
    """Return the name of the first group in each component of the pairs and of equal names."""
    named = np.stack([_first_place(seen["group"]), np.arange(len(seen))], axis=1)
    component = components(np.concatenate([pairs, named]), len(seen))
    return seen.groupby(component)["group"].transform("first")


def _hopes(
    seen: pd.DataFrame, sources: pd.DataFrame, original: NDArray[np.int64]
) -> "pd.Series[str]":
    """Return the hoped-for expression on which all that show the same agree, else none."""
    hopes = seen["source_id"].map(sources.set_index("source_id")["expression"]).groupby(original)
    return hopes.transform("first").where(hopes.transform("nunique") == 1)
