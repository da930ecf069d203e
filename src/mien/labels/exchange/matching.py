"""Whose face a picture's name means."""

import pandas as pd


def match_images(
    images: "pd.Series[str]", faces: pd.DataFrame, scenes: pd.DataFrame
) -> "pd.Series[str]":
    """Return for each picture's name the face it shows, or nothing.

    The name, without its ending, is a face_id; or the name is that of the only face's scene: its
    item_id, or the last part of that, with or without the ending. What fits two faces fits none.
    """
    alone = faces.drop_duplicates("scene_id", keep=False).set_index("scene_id")["face_id"]
    face, item = scenes["scene_id"].map(alone), scenes["item_id"]
    file = item.str.rsplit("/", n=1).str[-1]
    stem = _stem(images)
    found = stem.where(stem.isin(faces["face_id"]))
    for key, wanted in ((item, images), (item, stem), (file, images), (_stem(file), stem)):
        pairs = pd.DataFrame({"key": key, "face": face}).dropna().drop_duplicates()
        single = pairs.drop_duplicates("key", keep=False).set_index("key")["face"]
        found = found.fillna(wanted.map(single).astype("string"))
    return found


def _stem(file: "pd.Series[str]") -> "pd.Series[str]":
    return file.str.replace(r"\.[^.]*$", "", regex=True)
