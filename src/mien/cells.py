"""Texts in the cells of a CSV file: as they are, and as no spreadsheet takes them for a formula.

A guarded text has one more apostrophe at its start, which mien removes when it reads the table.
"""

import re
from typing import TextIO

NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z"
RISKY = re.compile(rf"'*(?!{NUMBER})[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def guarded(text: str) -> str:
    """Return the text with an apostrophe before what a spreadsheet would calculate."""
    return f"'{text}" if RISKY.match(text) else text


def unguarded(cell: str) -> str:
    """Return the text that `guarded` was given."""
    return cell[1:] if cell.startswith("'") and RISKY.match(cell[1:]) else cell


class LineFeeds:
    """A file whose rows end in a line feed, for a `csv.writer` whose rows end in CR LF.

    Such a writer quotes a field that has either; with LF alone, a CR would stay bare and end the
    row where the file is read.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, row: str) -> int:
        """Write one row."""
        return self._file.write(row.removesuffix("\r\n") + "\n")
