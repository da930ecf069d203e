"""Texts in CSV cells, guarded so that no spreadsheet takes them for a formula.

A guarded text has one more apostrophe at its start; mien removes it when it reads the table.
"""

import re
from typing import TextIO

NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z"
RISKY = re.compile(rf"'*(?!{NUMBER})[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def guarded(text: str) -> str:
    """Return the text, with an apostrophe in front if a spreadsheet would calculate it."""
    return f"'{text}" if RISKY.match(text) else text


def unguarded(cell: str) -> str:
    """Return the text that `guarded` was given."""
    return cell[1:] if cell.startswith("'") and RISKY.match(cell[1:]) else cell


class LineFeeds:
    """Turns the CR LF at the end of a `csv.writer`'s rows into LF.

    A writer told to end rows with LF would leave a CR in a field unquoted, and a reader would end
    the row there.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, row: str) -> int:
        return self._file.write(row.removesuffix("\r\n") + "\n")
