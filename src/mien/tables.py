"""Declaring, reading, checking and writing CSV tables.

Every read and write checks columns, types, allowed values and keys; an error names file, line,
column and value. A column named `p_*` stands for one or more columns that start with `p_`.
"""

import csv
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from io import StringIO
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from mien.cells import LineFeeds, guarded, unguarded
from mien.errors import TableError, quoted, suggestion
from mien.files import atomic

Kind = Literal["string", "integer", "number"]
DTYPES: dict[Kind, str] = {"string": "string", "integer": "Int64", "number": "Float64"}
DELIMITERS = ",;\t"  # if two are equally frequent, the first of them
UNCLOSED = 'a quotation mark (") opens a text here and is not closed; close or remove it'
TOO_LONG = f"a field has more than {csv.field_size_limit()} letters; shorten it"
DIGITS = 6
LARGEST = 2**53


@dataclass(frozen=True)
class Column:
    """What a column holds; `empty` allows empty fields, `optional` a table without the column."""

    kind: Kind = "string"
    empty: bool = False
    optional: bool = False
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table's name in messages, its columns, and the columns that make a row unique."""

    name: str
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()


def read_csv(path: Path, table: Table) -> pd.DataFrame:
    """Return the table at `path`, checked; a missing optional column is added, empty.

    Accepts what spreadsheets write: a byte order mark, CRLF, and semicolons or tabs for commas.
    Raises TableError with the line of the first fault.
    """
    return parse_csv(read_bytes(path), table, path)[0]


def read_bytes(path: Path) -> bytes:
    """Return the content of the file; raise TableError when it is missing or cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise TableError(f"{path}: the file is missing") from None
    except OSError as error:
        raise TableError(f"{path}: the file cannot be read: {error.strerror}") from None


def parse_csv(content: bytes, table: Table, path: Path) -> tuple[pd.DataFrame, "Where"]:
    """Return the table in the content of `path`, checked, and the places of its rows."""
    return from_rows(*read_rows(content, path), table, path)


def from_rows(
    rows: list[list[str]], lines: list[int], table: Table, path: Path
) -> tuple[pd.DataFrame, "Where"]:
    """Return the table of these rows, header first, checked, and the places of its rows."""
    frame = pd.DataFrame(rows[1:], columns=rows[0], dtype="string").replace("", pd.NA)
    return check(frame, table, path, lines[1:]), Where(path, lines[1:])


def read_rows(content: bytes, path: Path) -> tuple[list[list[str]], list[int]]:
    """Return the fields of every row that is not blank, header first, and each row's first line.

    Raises TableError for content that is no text, an unclosed quotation mark, and a row with more
    or fewer fields than the header.
    """
    text = _text(content, path)
    header = next((line for line in StringIO(text, newline="") if line.strip()), "")
    delimiter = max(DELIMITERS, key=header.count)
    rows: list[list[str]] = []
    lines: list[int] = []
    for row, line, taken in _records(text, delimiter, path):
        if not any(field.strip() for field in row):
            continue
        if rows and len(row) != len(rows[0]):
            hint = f"; {UNCLOSED}" if taken > 1 else ""
            raise TableError(
                f"{path}, line {line}: {len(row)} fields; "
                f"the header has {len(rows[0])} columns{hint}"
            )
        rows.append([unguarded(field.strip()) for field in row])
        lines.append(line)
    if not rows:
        raise TableError(f"{path}: the file is empty; its first line must name the columns")
    while not any(row[-1] for row in rows):  # the last column has neither name nor content
        rows = [row[:-1] for row in rows]
    return rows, lines


def _text(content: bytes, path: Path) -> str:
    """Return the content as text; raise TableError with the line of the first byte that is not."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise TableError(f"{path}, line {line}: not UTF-8; save the file as UTF-8 CSV") from None
    before, zero, _ = text.partition("\0")
    if zero:
        line = before.count("\n") + 1
        raise TableError(f"{path}, line {line}: not text; save the file as UTF-8 CSV")
    return text


def _records(text: str, delimiter: str, path: Path) -> Iterator[tuple[list[str], int, int]]:
    """Yield each row's fields, its first line, and how many lines it takes.

    An unclosed quotation mark swallows all lines up to the next mark. A second, strict parse tells
    such rows from texts of several lines.
    """
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in StringIO(text, newline=""):
            taken.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=delimiter)
    try:
        for row in reader:
            if len(taken) > 1 or taken[0].count('"') % 2:
                list(csv.reader(taken, delimiter=delimiter, strict=True))
            yield row, reader.line_num - len(taken) + 1, len(taken)
            taken.clear()
    except csv.Error:
        line = reader.line_num - len(taken) + 1
        fault = UNCLOSED if any('"' in part for part in taken) else TOO_LONG
        raise TableError(f"{path}, line {line}: {fault}") from None


def write_csv(path: Path, frame: pd.DataFrame, table: Table) -> None:
    """Write the frame to `path`, checked, in the declared order, whole or not at all.

    Guards texts that a spreadsheet would take for formulas; `read_csv` removes the guards.
    """
    checked = check(frame.reset_index(drop=True), table, path)
    texts = [str(name) for name in checked if isinstance(checked[name].dtype, pd.StringDtype)]
    cells = {name: checked[name].map(guarded, na_action="ignore") for name in texts}
    with atomic(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        rows: Any = LineFeeds(file)
        form = f"%.{DIGITS}f"
        checked.assign(**cells).to_csv(rows, index=False, float_format=form, lineterminator="\r\n")


def check(
    frame: pd.DataFrame, table: Table, path: Path, lines: Sequence[int] | None = None
) -> pd.DataFrame:
    """Return the frame with its columns typed and in the declared order.

    `lines` has the line of each row; the default is one line a row, after the header. Raises
    TableError for the first column or value that is not as declared.
    """
    where = Where(path, lines)
    specs = _specs(frame, table, path)
    columns = {}
    for name, spec in specs.items():
        if name not in frame:
            columns[name] = pd.Series(pd.NA, index=frame.index, dtype=DTYPES[spec.kind])
        else:
            columns[name] = _column(frame[name], spec, where)
    checked = pd.DataFrame(columns, index=frame.index)
    if table.key:
        duplicated = checked.duplicated(list(table.key)).to_numpy()
        if duplicated.any():
            row = int(duplicated.argmax())
            value = ", ".join(_plain(checked[name].iloc[row]) for name in table.key)
            raise TableError(
                f"{where(row)}: {', '.join(table.key)} is {value} for the second time; "
                f"it must be unique in {table.name}"
            )
    return checked


def check_references(values: pd.Series, known: Collection[str], path: Path, target: str) -> None:
    """Raise TableError unless every value of the column is empty or one of the `known` ids."""
    unknown = (~values.isin(list(known)) & values.notna()).to_numpy()
    if unknown.any():
        row = int(unknown.argmax())
        raise TableError(
            f"{Where(path)(row)}: {values.name} is {quoted(values.iloc[row])}; "
            f"there is no such row in {target}"
        )


@dataclass(frozen=True)
class Where:
    """The places of a table's rows: called with a row's position, it gives `path, line N`."""

    path: Path
    lines: Sequence[int] | None = None

    def __call__(self, row: int) -> str:
        return f"{self.path}, line {self.lines[row] if self.lines else row + 2}"


def _specs(frame: pd.DataFrame, table: Table, path: Path) -> dict[str, Column]:
    """Return the declaration of every column, present or expected, in the declared order."""
    given = [str(name) for name in frame.columns]
    repeated = next((name for name in given if given.count(name) > 1), None)
    if repeated is not None:
        raise TableError(f"{path}, line 1: the column {quoted(repeated)} appears twice")
    specs: dict[str, Column] = {}
    for pattern, spec in table.columns.items():
        names = [name for name in given if fnmatchcase(name, pattern)]
        if not names and not spec.optional:
            raise TableError(
                f"{path}, line 1: the column {pattern!r} is missing; "
                f"{table.name} has {', '.join(table.columns)}"
            )
        specs.update(dict.fromkeys(names or ([] if "*" in pattern else [pattern]), spec))
    unknown = next((name for name in given if name not in specs), None)
    if unknown is not None:
        hint = suggestion(unknown, table.columns)
        raise TableError(
            f"{path}, line 1: {quoted(unknown)} is not a column of {table.name}{hint}"
            + ("" if hint else f"; it has {', '.join(table.columns)}")
        )
    return specs


def _column(values: pd.Series, spec: Column, where: Where) -> pd.Series:
    """Return the column as its declared type; raise TableError at the first wrong value."""
    if not spec.empty:
        _refuse(values.isna(), values, where, "is empty; every row needs one")
    if spec.kind == "string":
        texts = values.astype("string")
        if spec.allowed:
            wrong = ~texts.isin(spec.allowed) & texts.notna()
            must = f"it must be one of {', '.join(spec.allowed)}"
            _refuse(wrong, texts, where, must, spec.allowed)
        return texts
    numbers = pd.to_numeric(values, errors="coerce").astype("Float64")
    finite = numbers.map(_finite(spec.kind), na_action="ignore").astype("boolean").fillna(False)
    noun = "a whole number" if spec.kind == "integer" else "a number"
    _refuse(values.notna() & ~finite, values, where, f"it must be {noun}")
    return numbers.astype("Int64") if spec.kind == "integer" else numbers.round(DIGITS)


def _finite(kind: Kind) -> Callable[[float], bool]:
    """Return the test of a number; a float represents no integer above LARGEST exactly."""
    if kind == "integer":
        return lambda number: number.is_integer() and abs(number) <= LARGEST
    return math.isfinite


def _refuse(
    wrong: "pd.Series[Any]",
    values: pd.Series,
    where: Where,
    must: str,
    known: Collection[str] = (),
) -> None:
    """Raise TableError for the first row that is `wrong`; suggest the nearest `known` value."""
    flags = wrong.to_numpy(dtype=bool)
    if not flags.any():
        return
    row = int(flags.argmax())
    value = values.iloc[row]
    if pd.isna(value):
        raise TableError(f"{where(row)}: {values.name} {must}")
    way = suggestion(str(value), known) or f"; {must}"
    raise TableError(f"{where(row)}: {values.name} is {quoted(value)}{way}")


def _plain(value: Any) -> str:
    """Return the value as it is, or quoted if it is long or has invisible letters."""
    text = str(value)
    return text if text.isprintable() and quoted(text) == repr(text) else quoted(text)
