"""Faces cut out of their scenes, with sharpness and perceptual hash."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import imagehash
import numpy as np
from PIL import Image

from mien.boxes import BOX
from mien.errors import PictureError, TableError
from mien.faces.detect import Detector
from mien.faces.detections import Detection, box_of, without_overlaps
from mien.faces.tables import CROPS, LANDMARKS
from mien.ids import face_id
from mien.images import Picture, crop, decode, encode_png, resize
from mien.params import FacesParams
from mien.progress import track
from mien.shards import Row, batches, count_rows, write_shard

SHARPNESS_AT_PX = 64
SCENES_AT_ONCE = 32
PIXELS_AT_ONCE = 64_000_000
SCENE_COLUMNS = ("scene_id", "image", "width", "height")


def crop_faces(
    scene: Picture, scene_id: str, detections: Sequence[Detection], params: FacesParams
) -> list[Row]:
    """Return one row of the shard of crops for every face, in the order of boxes."""
    return [_row(scene, scene_id, found, params) for found in without_overlaps(detections)]


def detect_scenes(
    scenes: Path, detector: Detector, params: FacesParams, faces: Path
) -> dict[str, int]:
    """Write the crops of a shard of scenes; return the numbers of scenes, empty scenes, faces."""
    counts = Counter(scenes=0, without_a_face=0, faces=0)
    title = f"detect {scenes.stem}"

    def rows() -> Iterator[Row]:
        stored = (row for batch in batches(scenes, SCENE_COLUMNS) for row in batch)
        tracked = track(stored, title, count_rows(scenes))
        for batch in decode_batches(tracked, scenes):
            found_in = detector([picture for _, picture in batch])
            for (row, picture), found in zip(batch, found_in, strict=True):
                crops = crop_faces(picture, row["scene_id"], found, params)
                counts.update(scenes=1, without_a_face=not crops, faces=len(crops))
                yield from crops

    write_shard(faces, rows(), CROPS)
    return dict(counts)


def decode_batches(rows: Iterable[Row], shard: Path) -> Iterator[list[tuple[Row, Picture]]]:
    """Yield the scenes with their pictures, at most 32 scenes or 64 megapixels at a time."""
    for batch in _together(rows):
        yield [(row, _decode(row, shard)) for row in batch]


def sharpness(face: Picture) -> float:
    """Return the variance of the Laplacian of the grey crop at 64 px: small when it is blurred."""
    grey = cv2.cvtColor(resize(face, SHARPNESS_AT_PX), cv2.COLOR_BGR2GRAY)
    return float(np.var(cv2.Laplacian(grey, cv2.CV_64F)))


def phash(face: Picture) -> str:
    """Return the perceptual hash of a crop: 64 bits as 16 hex digits."""
    return str(imagehash.phash(Image.fromarray(face[:, :, ::-1])))


def _decode(row: Row, shard: Path) -> Picture:
    try:
        return decode(row["image"])
    except PictureError as reason:
        place = f"{shard}: scene {row['scene_id']}"
        raise TableError(f"{place}: {reason}; delete the shard and run snakemake") from None


def _row(scene: Picture, scene_id: str, found: Detection, params: FacesParams) -> Row:
    box = box_of(found)
    face = crop(scene, box, params.margin)
    return {
        "face_id": face_id(scene_id, *box),
        "scene_id": scene_id,
        **dict(zip(BOX, box, strict=True)),
        "confidence": found.confidence,
        **dict(zip(LANDMARKS, found.landmarks or [None] * len(LANDMARKS), strict=True)),
        "image": encode_png(face),
        "sharpness": round(sharpness(face), 6),
        "phash": phash(face),
    }


def _together(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield the scenes in order, in batches to decode together."""
    batch: list[Row] = []
    pixels = 0
    for row in rows:
        size = row["width"] * row["height"]
        if batch and (len(batch) == SCENES_AT_ONCE or pixels + size > PIXELS_AT_ONCE):
            yield batch
            batch, pixels = [], 0
        batch.append(row)
        pixels += size
    if batch:
        yield batch
