"""Other traces of what is forgotten: models, ballots, DVC's cache; and what to do about them."""

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from mien import layout
from mien.acquire.sources import own_place
from mien.acquire.withdrawn import Withdrawn
from mien.doctor.storage import cache_folder, read_config
from mien.errors import MienError
from mien.forget.purge import Held
from mien.labels.ballots import ballot_files
from mien.labels.tables import labels as labels_table
from mien.params import Params
from mien.tables import read_csv
from mien.train.card import names_of
from mien.train.dataset import classes_of, training_faces
from mien.train.tables import SPLIT

ID = re.compile(r"\b[0-9a-f]{16}\b")


def traces(held: Held, params: Params) -> Iterator[str]:
    """Yield a line for every trace that is not deleted here, or is deleted by the next run only."""
    for line in models_that_saw(params, held.faces):
        yield f"saw it: {line}"
    for voter in ballot_files(layout.BALLOTS):
        for line in lines_about(voter, held.faces):
            yield f"voted on it, left as it is: {line}"
    for line in lines_about(layout.SECOND_LOOK, held.faces):
        yield f"its label was doubted, left as it is: {line}"
    for path in cached_objects(cache_folder(), held.withdrawn, held.here.sources):
        yield f"still holds it, in DVC's cache: {path}"


def left_to_do(held: Held) -> Iterator[str]:
    """Yield what people have to do themselves, line by line."""
    sources = held.here.sources.set_index("source_id")
    for source, item in held.items.itertuples(index=False):
        kind, target = sources.loc[source, "kind"], sources.loc[source, "target"]
        if kind == "folder" and target and (file := own_place(target) / item).is_file():
            yield f"your own file, left as it is: {file}"
        elif item in target:
            yield f"{layout.SOURCES} asks for it still, and git has that: {source}, {target}"
    if layout.LEFTOVERS.is_dir():
        yield f"what earlier settings made may hold it too: rm -r {layout.LEFTOVERS}"
    yield "then, so that indexes, labels, models and reports are made without it:"
    yield "  snakemake"
    if layout.DVC_LOCK.is_file():
        yield "  git add data/withdrawn.csv dvc.lock metrics && git commit"
        yield "and, to delete from DVC's storage what this commit does not name, older results too:"
        yield "  dvc gc --workspace"
        if any(section.startswith("remote") for section in read_config()):
            yield "  dvc gc --workspace --cloud"
        yield "git's history holds no picture; other clones need `mien forget` and `dvc gc` as well"


def models_that_saw(params: Params, faces: Collection[str]) -> Iterator[str]:
    """Yield a line for every trained run that saw any of the faces, by today's splits and labels.

    A run without a model is none; where a table is not here, the line says that it is not known.
    """
    finals: dict[Path, int] = {}
    for run, variant in params.runs:
        fold = names_of(run)[2]
        if not (layout.MODELS / run / "model.json").is_file():
            continue
        try:
            split = read_csv(layout.SPLITS / variant.split, SPLIT)
            labels = read_csv(layout.LABELS, labels_table(params.labels.expressions))
            classes = classes_of(variant, params.labels.expressions)
            seen = training_faces(split, labels, variant, classes, fold)
        except MienError as error:
            yield f"{layout.MODELS / run}: not known what it saw, since {error}"
            continue
        parts = seen.loc[seen["face_id"].isin(list(faces)), "split"]
        if len(parts):
            train, val = (int((parts == part).sum()) for part in ("train", "val"))
            yield f"{layout.MODELS / run}: faces in training: {train}, in validation: {val}"
            if (final := layout.FINALS / run.parent / f"seed-{names_of(run)[1]}").is_dir():
                finals[final] = len(parts)
    for final, faces_seen in finals.items():
        yield f"{final}: faces in training: {faces_seen}"


def lines_about(path: Path, ids: Collection[str]) -> Iterator[str]:
    """Yield the file, if it is there and names any of the ids, with how many of its lines do."""
    if path.is_file():
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        named = sum(not set(ids).isdisjoint(ID.findall(line)) for line in lines)
        if named:
            yield f"{path}, lines: {named}"


def cached_objects(cache: Path, withdrawn: Withdrawn, sources: pd.DataFrame) -> Iterator[str]:
    """Yield the shards in DVC's cache, past ones too, that hold anything withdrawn.

    Shards of faces hold no names: they count when they have faces of such scenes.
    """
    kinds = dict(zip(sources["source_id"], sources["kind"], strict=True))
    shards = list(_shards_in(cache))
    scenes: set[tuple[str, str]] = set()
    held = []
    for source, path in shards:
        if {"item_id", "author"} <= set(pq.read_schema(path).names):
            rows = pq.read_table(path, columns=["scene_id", "item_id", "author"]).to_pylist()
            gone = {
                (source, row["scene_id"])
                for row in rows
                if withdrawn.holds(source, kinds.get(source, ""), row["item_id"], row["author"])
            }
            scenes |= gone
            held += [path] if gone else []
    for source, path in shards:
        if "face_id" in pq.read_schema(path).names:
            shown = pq.read_table(path, columns=["scene_id"])["scene_id"].to_pylist()
            held += [path] if any((source, scene) in scenes for scene in shown) else []
    yield from sorted(map(str, held))


def _shards_in(cache: Path) -> Iterator[tuple[str, Path]]:
    """Yield source and path of every shard in the cache, by its lists of folders."""
    objects = cache / "files" / "md5"
    seen: set[str] = set()
    for listed in sorted(objects.glob("*/*.dir")):
        for entry in json.loads(listed.read_text(encoding="utf-8")):
            md5, name = entry["md5"], Path(entry["relpath"])
            path = objects / md5[:2] / md5[2:]
            if name.suffix == ".parquet" and md5 not in seen and path.is_file():
                seen.add(md5)
                yield name.stem, path
