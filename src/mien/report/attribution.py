"""Attribution: who made each image and crop, where it is from, and under which licence."""

from collections.abc import Callable

import pandas as pd

from mien.acquire.sources import public_address
from mien.acquire.tables import UNKNOWN
from mien.report.tables import ATTRIBUTION

PASSED_ON = ("flickr", "drawn")  # where a licence is checked before an image is taken


def attribution(
    scenes: pd.DataFrame,
    faces: pd.DataFrame,
    sources: pd.DataFrame,
    licence_url: Callable[[str], str | None],
) -> pd.DataFrame:
    """Return one row for every crop of a scene, and one for each scene without a face.

    `scenes` are those that were not withdrawn, with the columns of their shards except the pixels;
    `faces` is their index. A scene that two sources have is attributed to both.
    """
    once = scenes.drop_duplicates(["source_id", "scene_id"])
    kept = faces.loc[faces["status"] != "withdrawn", ["face_id", "scene_id"]]
    table = once.merge(kept, on="scene_id", how="left").merge(
        sources[["source_id", "kind"]], on="source_id", how="left", validate="many_to_one"
    )
    return table.assign(
        page_url=table["page_url"].map(public_address).astype("string"),
        licence_url=table["licence"].map(licence_url).astype("string"),
        **{name: table[name].str.strip().replace("", UNKNOWN) for name in ("title", "author")},
        may_be_passed_on=table["kind"].isin(PASSED_ON).map({True: "yes", False: "no"}),
    )[list(ATTRIBUTION.columns)]
