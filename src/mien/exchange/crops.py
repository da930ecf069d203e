"""Writing crops as files, into a folder that appears whole or not at all."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mien.errors import SourceError, TableError
from mien.shards import pick


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give a hidden folder beside `path`, renamed to it when the block ends well.

    What a killed export left there is removed first. Raises SourceError when `path` exists and is
    not an empty folder.
    """
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise SourceError(f"{path}: it exists already; name a new folder")
    temporary = path.absolute().parent / f".{path.absolute().name}.part"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        temporary.rename(path.absolute())
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_crops(shards: Path, files: Mapping[str, Path]) -> None:
    """Write the crop of each face to its file.

    Raises TableError when the shards in the folder lack one.
    """
    left = set(files)
    for shard in sorted(shards.glob("*.parquet")):
        for face, row in pick(shard, "face_id", left):
            files[face].parent.mkdir(parents=True, exist_ok=True)
            files[face].write_bytes(row["image"])
            left.discard(face)
    if left:
        raise TableError(
            f"{shards}: no shard has face {min(left)}; run dvc pull or snakemake faces"
        )
