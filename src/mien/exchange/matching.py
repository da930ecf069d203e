"""Which face a picture's name stands for."""

import pandas as pd


def match_images(
    images: "pd.Series[str]", faces: pd.DataFrame, scenes: pd.DataFrame
) -> "pd.Series[str]":
    """Return the face that each picture's name means, or nothing.

    The name without its ending is a face_id; or the name is the item_id of a scene with one face,
    or the last part of the item_id, with or without the ending. Names of two scenes match nothing.
    """
    alone = faces.drop_duplicates("scene_id", keep=False).set_index("scene_id")["face_id"]
    item, stem = scenes["item_id"], _stem(images)
    file = item.str.rsplit("/", n=1).str[-1]
    found = stem.where(stem.isin(faces["face_id"]))
    for key, wanted in ((item, images), (item, stem), (file, images), (_stem(file), stem)):
        named = pd.DataFrame({"key": key, "scene": scenes["scene_id"]}).drop_duplicates()
        single = named.drop_duplicates("key", keep=False).set_index("key")["scene"].map(alone)
        found = found.fillna(wanted.map(single).astype("string"))
    return found


def _stem(file: "pd.Series[str]") -> "pd.Series[str]":
    return file.str.replace(r"\.[^.]*$", "", regex=True)
