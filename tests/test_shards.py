"""Shards are written whole, in small groups, and read without what is not asked for."""

import pyarrow.parquet as pq
import pytest

from mien.errors import TableError
from mien.shards import batches, count_rows, read_shard, schema, write_shard

COLUMNS = schema({"face_id": "string", "image": "image", "size": "number"}, may_be_empty=["size"])


def rows(count):
    for number in range(count):
        yield {"face_id": f"{number:04}", "image": bytes([number % 256]), "size": None}


def test_a_shard_comes_back_in_groups_of_at_most_64(tmp_path):
    path = tmp_path / "made" / "a.parquet"
    assert write_shard(path, rows(130), COLUMNS) == 130
    assert count_rows(path) == 130
    assert [len(batch) for batch in batches(path, ["face_id", "image"])] == [64, 64, 2]
    assert [row["face_id"] for batch in batches(path, ["face_id"]) for row in batch] == [
        f"{number:04}" for number in range(130)
    ]
    assert read_shard(path, ["size", "face_id"]).columns.tolist() == ["size", "face_id"]


def test_equal_rows_give_equal_bytes(tmp_path):
    write_shard(tmp_path / "a.parquet", rows(70), COLUMNS)
    write_shard(tmp_path / "b.parquet", rows(70), COLUMNS)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_shard_that_fails_half_way_leaves_the_old_one(tmp_path):
    path = tmp_path / "a.parquet"
    write_shard(path, rows(3), COLUMNS)

    def broken():
        yield from rows(70)
        raise RuntimeError("the camera fell into the lake")

    with pytest.raises(RuntimeError):
        write_shard(path, broken(), COLUMNS)
    assert count_rows(path) == 3
    assert [file.name for file in tmp_path.iterdir()] == ["a.parquet"]


def test_a_row_without_a_needed_value_is_refused(tmp_path):
    with pytest.raises(TableError) as error:
        write_shard(tmp_path / "a.parquet", [{"face_id": "a", "size": 1.0}], COLUMNS)
    assert str(error.value) == f"{tmp_path / 'a.parquet'}: a row has no image; every row needs one"


def test_what_is_no_shard_is_named(tmp_path):
    path = tmp_path / "a.parquet"
    with pytest.raises(TableError, match="the shard is missing"):
        count_rows(path)
    path.write_bytes(b"<html>")
    with pytest.raises(TableError, match="not a Parquet file; delete it and run snakemake"):
        count_rows(path)
    write_shard(path, rows(1), COLUMNS)
    with pytest.raises(TableError, match="the column 'x' is missing from the shard"):
        read_shard(path, ["x"])


def test_an_empty_shard_has_its_columns(tmp_path):
    write_shard(tmp_path / "a.parquet", [], COLUMNS)
    assert pq.read_schema(tmp_path / "a.parquet").names == ["face_id", "image", "size"]
    assert read_shard(tmp_path / "a.parquet", ["face_id"]).empty
