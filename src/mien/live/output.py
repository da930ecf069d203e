"""The folder that predictions are written to: tables, annotated pictures and films."""

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from mien.errors import SourceError
from mien.files import atomic
from mien.images import Picture, encode_jpeg, encode_png
from mien.live.rows import FILE, Rows, face_columns, write_rows
from mien.live.watch import Watch, span_columns, span_row, total_columns, total_rows
from mien.progress import say
from mien.video.film import Mp4, write_mp4

JPEG = {".jpg", ".jpeg"}


@dataclass
class Output:
    """The folder, its tables, and whether annotated pictures and films are written.

    `looked` counts the classified pictures and frames, `found` the faces in them.
    """

    folder: Path
    files: Rows
    faces: Rows
    spans: Rows
    totals: Rows
    drawn: bool
    looked: int = 0
    found: int = 0
    _taken: set[str] = field(default_factory=set)
    _files: set[str] = field(default_factory=set)

    def is_new(self, file: str) -> bool:
        """Return whether the file was not given before; if it was, say so."""
        if file in self._files:
            say(f"{file}: given twice, looked at once")
            return False
        self._files.add(file)
        return True

    def name(self, wanted: Path, suffix: str) -> Path:
        """Return a name that is unique, also with the suffix of its annotated file.

        Names that differ only in case are equal, as on some disks.
        """
        name, number = wanted, 2
        while self._taken & (both := _keys(name, suffix)):
            name = wanted.with_stem(f"{wanted.stem}-{number}")
            number += 1
        self._taken |= both
        return name

    def film(self, name: Path, time_base: Fraction) -> AbstractContextManager[Mp4 | None]:
        """Return a context with the film for annotated frames, or None if none is wanted."""
        if not self.drawn:
            return nullcontext()
        return write_mp4(self.folder / name.with_suffix(".mp4"), time_base)

    def picture(self, name: Path, picture: Picture) -> None:
        """Write an annotated picture."""
        write_picture(self.folder / drawn_name(name), picture)

    def end(self, kind: str, watch: Watch, drawn: Path | None, fault: str | None = None) -> None:
        """Write the row of a file that is finished, or could not be read."""
        self.found += watch.faces
        name = None if drawn is None or not (self.drawn and watch.frames) else drawn.as_posix()
        counts = {"frames": watch.frames, "faces": watch.faces}
        self.files.add(
            [{"file": watch.name, "kind": kind, **counts, "drawn": name, "fault": fault}]
        )

    def keep(self, watch: Watch) -> None:
        """Write the spans and totals of a film, and say its summary."""
        found, classes = watch.spans(), watch.about.classes
        self.spans.add(span_row(watch.name, number, span, classes) for number, span in found)
        self.totals.add(total_rows(watch.name, found, classes))
        say(watch.summary())


@contextmanager
def open_output(folder: Path, form: str, classes: Sequence[str], drawn: bool) -> Iterator[Output]:
    """Give the folder with its tables, as `jsonl` or `csv`; remove them if they stay empty."""
    tables = {
        "files": list(FILE),
        "faces": face_columns(classes),
        "spans": span_columns(classes),
        "tracks": total_columns(classes),
    }
    paths = {name: folder / f"{name}.{form}" for name in tables}
    with ExitStack() as stack:
        files, faces, spans, totals = (
            stack.enter_context(write_rows(paths[name], columns))
            for name, columns in tables.items()
        )
        out = Output(folder, files, faces, spans, totals, drawn)
        try:
            yield out
        finally:
            if not out.looked:
                for path in paths.values():
                    path.unlink()
                with suppress(OSError):  # there is something else in it
                    folder.rmdir()


def refuse_place(folder: Path, sources: Sequence[str], replace: bool) -> None:
    """Raise SourceError when the folder contains a source, or anything else without `replace`."""
    here = os.path.realpath(folder)
    for source in sources:
        with suppress(OSError):  # an impossible path; `kind_of` refuses it
            if Path(source).exists() and Path(source).resolve().is_relative_to(here):
                raise SourceError(f"{folder}: {source} is in it; name another folder by --output")
    try:
        if folder.exists() and not folder.is_dir():
            raise SourceError(f"{folder}: not a folder; name another by --output")
        is_used = folder.is_dir() and any(folder.iterdir())
    except OSError as error:
        raise SourceError(f"{folder}: {error.strerror}; name another by --output") from None
    if is_used and not replace:
        raise SourceError(
            f"{folder}: the folder is not empty; name another by --output, or add --replace"
        )


def write_picture(path: Path, picture: Picture) -> None:
    """Write a picture, whole or not at all: a JPEG by its name, else a PNG."""
    encode = encode_jpeg if path.suffix.lower() in JPEG else encode_png
    with atomic(path) as temporary:
        temporary.write_bytes(encode(picture))


def drawn_name(name: Path) -> Path:
    """Return the name of the annotated picture: a JPEG stays one, all others become PNG."""
    return name if name.suffix.lower() in JPEG else name.with_suffix(".png")


def _keys(name: Path, suffix: str) -> set[str]:
    return {str(name).casefold(), str(name.with_suffix(suffix)).casefold()}
