"""Files that appear whole or not at all; JSON as it is written and read back."""

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mien.errors import TableError
from mien.files import atomic, read_json, write_json


def test_json_has_sorted_keys_six_digits_and_null_for_what_is_undefined(tmp_path: Path) -> None:
    content: dict[str, Any] = {
        "b": 1 / 3,
        "a": [float("nan"), np.float64(2 / 3), np.int64(4), 1 / 255, None, True],
        "c": [float("inf"), {"d": -np.inf}, np.float32("inf"), 1e300],
    }
    path = tmp_path / "runs" / "metrics.json"
    write_json(path, content)
    rounded = {
        "a": [None, 0.666667, 4, 0.00392157, None, True],
        "b": 0.333333,
        "c": [None, {"d": None}, None, 1e300],
    }
    assert path.read_text() == json.dumps(rounded, indent=2) + "\n"
    assert read_json(path) == rounded


def test_what_is_no_json_object_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "counts.json"
    messages = []
    for text in (None, '{"voters": 4,\n  ballots}\n', "[1]"):
        if text is not None:
            path.write_text(text)
        with pytest.raises(TableError) as error:
            read_json(path)
        messages.append(str(error.value))
    assert messages == [
        f"{path}: the file is missing; run snakemake",
        f"{path}, line 2: not JSON: Expecting property name enclosed in double quotes",
        f"{path}: it holds no JSON object",
    ]


WRITE = """\
from pathlib import Path
from mien.files import write_json
write_json(Path("counts.json"), {"count": "9" * 20_000})
"""


def test_without_room_the_file_is_named_and_the_old_one_stays(tmp_path: Path) -> None:
    (tmp_path / "counts.json").write_text("{}")
    done = subprocess.run(
        [sys.executable, "-c", WRITE], cwd=tmp_path, capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)),
    )  # fmt: skip
    message = "DiskError: counts.json: it cannot be written: File too large"
    assert done.stderr.splitlines()[-1].endswith(message)
    assert (tmp_path / "counts.json").read_text() == "{}"
    assert [path.name for path in tmp_path.iterdir()] == ["counts.json"]


def test_a_file_with_the_longest_name_that_there_is_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 251 + ".png")
    with atomic(path) as temporary:
        temporary.write_bytes(b"whole")
    assert path.read_bytes() == b"whole"
