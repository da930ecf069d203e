"""Shards: one Parquet file a source, pixels included, written whole, read in small batches.

A row group holds at most 64 pictures: a reader keeps no more than that in memory. Reading only
the numbers of a shard reads no pixels.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mien.errors import TableError
from mien.files import atomic

Row = dict[str, Any]
Kind = Literal["string", "integer", "number", "image", "vector"]
TYPES: dict[Kind, pa.DataType] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "image": pa.binary(),
    "vector": pa.list_(pa.float32()),
}
PANDAS_TYPES = {  # nullable, so that an empty number stays empty, not NaN
    pa.string(): pd.StringDtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.float64(): pd.Float64Dtype(),
}
PICTURES_PER_GROUP = 64


def schema(columns: Mapping[str, Kind], may_be_empty: Sequence[str] = ()) -> pa.Schema:
    """Return the schema of a shard with these columns; all others than `may_be_empty` are full."""
    fields = ((name, TYPES[kind], name in may_be_empty) for name, kind in columns.items())
    return pa.schema([pa.field(*field) for field in fields])


def write_shard(path: Path, rows: Iterable[Row], columns: pa.Schema) -> int:
    """Write the rows to `path`, whole or not at all; return how many there were.

    Raises TableError when a row lacks a value that the schema requires.
    """
    rows, written = iter(rows), 0
    with atomic(path) as temporary, pq.ParquetWriter(temporary, columns) as writer:
        while chunk := list(islice(rows, PICTURES_PER_GROUP)):
            group = pa.Table.from_pylist(chunk, schema=columns)
            for field in columns:
                if not field.nullable and group[field.name].null_count:
                    raise TableError(f"{path}: a row has no {field.name}; every row needs one")
            writer.write_table(group)
            written += len(chunk)
    return written


def copy_shard(path: Path, copy: Path, key: str, left_out: Collection[str]) -> int:
    """Write the shard to `copy` without the rows whose `key` is in `left_out`; return their number.

    The schema and its metadata stay. Raises TableError when the file is no shard or lacks the key.
    """
    file = _open(path, (key,))
    unwanted = pa.array(sorted(left_out), pa.string())
    with atomic(copy) as temporary, pq.ParquetWriter(temporary, file.schema_arrow) as writer:
        for number in range(file.num_row_groups):
            group = file.read_row_group(number)
            rest = group.filter(pc.invert(pc.is_in(group[key], unwanted)))
            if rest.num_rows:
                writer.write_table(rest)
    return count_rows(path) - count_rows(copy)


def read_shard(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Return the named columns of the whole shard; the others are not read from the disk.

    Raises TableError when the file is no shard or lacks a column.
    """
    file = _open(path, columns)
    table = file.read(columns=list(columns)).select(list(columns))
    frame: pd.DataFrame = table.to_pandas(types_mapper=PANDAS_TYPES.get)
    return frame


def batches(path: Path, columns: Sequence[str]) -> Iterator[list[Row]]:
    """Yield the shard's rows in order, at most 64 at a time, with the named columns only."""
    file = _open(path, columns)
    for group in range(file.num_row_groups):
        yield file.read_row_group(group, columns=list(columns)).to_pylist()


def pick(path: Path, key: str, wanted: Collection[str], *more: str) -> Iterator[tuple[str, Row]]:
    """Yield the key and row of each wanted row; a row has its image and the columns `more`.

    No pixels are read of a row group without a wanted row.
    """
    columns = ["image", *more]
    file = _open(path, (key, *columns))
    for group in range(file.num_row_groups):
        keys = file.read_row_group(group, columns=[key])[key].to_pylist()
        places = [place for place, name in enumerate(keys) if name in wanted]
        if places:
            rows = file.read_row_group(group, columns=columns).take(places).to_pylist()
            yield from zip([keys[place] for place in places], rows, strict=True)


def places(path: Path, key: str) -> dict[str, tuple[int, int]]:
    """Return by key the row group of every row, and its place in the group."""
    file = _open(path, (key,))
    return {
        name: (group, place)
        for group in range(file.num_row_groups)
        for place, name in enumerate(file.read_row_group(group, columns=[key])[key].to_pylist())
    }


def image_at(path: Path, place: tuple[int, int]) -> bytes:
    """Return the image at a place that `places` gave, reading its row group alone."""
    group, row = place
    images = _open(path, ("image",)).read_row_group(group, columns=["image"])["image"]
    return bytes(images[row].as_py())


def count_rows(path: Path) -> int:
    """Return how many rows the shard has, from its footer."""
    return int(_open(path, ()).metadata.num_rows)


def _open(path: Path, columns: Sequence[str]) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(path)
    except FileNotFoundError:
        raise TableError(f"{path}: the shard is missing") from None
    except pa.ArrowInvalid:
        raise TableError(f"{path}: not a Parquet file; delete it and run snakemake") from None
    missing = [name for name in columns if name not in file.schema_arrow.names]
    if missing:
        raise TableError(f"{path}: the column {missing[0]!r} is missing from the shard")
    return file
