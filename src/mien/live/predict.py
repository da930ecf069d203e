"""Looking at pictures, films and cameras from start to end, and keeping what is seen."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from mien.errors import MienError, PictureError, SourceError, VideoError
from mien.files import atomic
from mien.images import Picture, encode_jpeg, encode_png
from mien.live.ahead import ahead, together
from mien.live.annotate import annotate
from mien.live.camera import open_camera, without_password
from mien.live.film import MILLISECONDS, Frame, Mp4, is_film, open_film, write_mp4
from mien.live.look import Face, Looker
from mien.live.rows import Rows, face_columns, span_columns, total_columns, write_rows
from mien.live.sources import files_in, is_picture, kind_of, read_picture
from mien.live.stop import Stop
from mien.live.watch import Watch, span_row, total_rows
from mien.progress import say, track

AT_ONCE = 8  # pictures or frames
SILENT_S = 0.5  # between two looks at whether to stop
NAMED = 3  # of the files that are passed over
JPEG = {".jpg", ".jpeg"}


@dataclass
class Output:
    """The folder that all goes to; its tables, and whether pictures and films are drawn on."""

    folder: Path
    faces: Rows
    spans: Rows
    totals: Rows
    drawn: bool
    _taken: set[Path] = field(default_factory=set)

    def place(self, name: Path) -> Path:
        """Return a path of this name in the folder that was not given before."""
        path, number = self.folder / name, 2
        while path in self._taken:
            path = self.folder / name.with_stem(f"{name.stem}-{number}")
            number += 1
        self._taken.add(path)
        return path

    def film(self, name: Path, time_base: Fraction) -> AbstractContextManager[Mp4 | None]:
        """Return what gives a film to add annotated frames to; None where none is asked for."""
        if not self.drawn:
            return nullcontext()
        return write_mp4(self.place(name.with_suffix(".mp4")), time_base)

    def keep(self, watch: Watch) -> None:
        """Write what a film showed as a whole, and say it."""
        found, classes = watch.spans(), watch.about.classes
        self.spans.add(span_row(watch.name, number, span, classes) for number, span in found)
        self.totals.add(total_rows(watch.name, found, classes))
        say(watch.summary())


@contextmanager
def open_output(folder: Path, form: str, classes: Sequence[str], drawn: bool) -> Iterator[Output]:
    """Give the folder with its tables: of faces, of spans and of tracks, as `jsonl` or `csv`."""
    tables = {"faces": face_columns, "spans": span_columns, "tracks": total_columns}
    with ExitStack() as stack:
        faces, spans, totals = (
            stack.enter_context(write_rows(folder / f"{name}.{form}", columns(classes)))
            for name, columns in tables.items()
        )
        yield Output(folder, faces, spans, totals, drawn)


def predict_all(
    sources: Sequence[str], looker: Looker, out: Output, stop: Stop, seconds: float | None
) -> list[str]:
    """Look at every source in turn until asked to stop; return what was wrong, a line each.

    A camera is watched for so many seconds, or until asked to stop. What is wrong with one
    source keeps none of the others.
    """
    faults: list[str] = []
    for source in sources:
        if stop.asked:
            break
        try:
            kind = kind_of(source)
            if kind == "camera":
                predict_camera(source, looker, out, stop, seconds)
            elif kind == "folder":
                faults += predict_folder(Path(source), looker, out, stop)
            elif kind == "picture":
                faults += predict_pictures([Path(source)], Path(source).parent, looker, out, stop)
            else:
                predict_film(Path(source), Path(Path(source).name), looker, out, stop)
        except MienError as error:
            faults.append(str(error))
    return faults


def predict_folder(folder: Path, looker: Looker, out: Output, stop: Stop) -> list[str]:
    """Look at all pictures and films in a folder; return a line for each that could not be used."""
    files = [path for path in files_in(folder) if not path.is_relative_to(out.folder)]
    pictures = [path for path in files if is_picture(path)]
    faults = predict_pictures(pictures, folder, looker, out, stop)
    others = [path for path in files if path not in set(pictures)]
    films = [path for path in others if is_film(path)]
    for path in films:
        if stop.asked:
            break
        try:
            predict_film(path, path.relative_to(folder), looker, out, stop)
        except VideoError as error:
            faults.append(str(error))
    neither = [path.name for path in others if path not in set(films)]
    if neither:
        more = f" and {len(neither) - NAMED} more" if len(neither) > NAMED else ""
        say(f"{folder}: neither picture nor video: {', '.join(neither[:NAMED])}{more}")
    return faults


def predict_pictures(
    paths: Sequence[Path], base: Path, looker: Looker, out: Output, stop: Stop
) -> list[str]:
    """Look at pictures, several together; names are from `base`. Return a line for each fault."""
    faults: list[str] = []
    done = 0

    def readable() -> Iterator[tuple[Path, Picture]]:
        for path in paths:
            try:
                yield path, read_picture(path)
            except PictureError as reason:
                faults.append(f"{path}: {reason}")

    with ahead(readable(), AT_ONCE) as pictures:
        for batch in together(track(pictures, base.name, len(paths)), AT_ONCE):
            found = looker.look([picture for _, picture in batch])
            for (path, picture), faces in zip(batch, found, strict=True):
                _keep_picture(path.relative_to(base), picture, faces, looker, out)
                done += len(faces)
            if stop.asked:
                break
    if paths:
        say(f"{base if len(paths) > 1 else paths[0]}: {len(paths)} pictures, {done} faces")
    return faults


def _keep_picture(
    name: Path, picture: Picture, faces: Sequence[Face], looker: Looker, out: Output
) -> None:
    watch = Watch(name.as_posix(), looker.about)
    seen = watch.add(0.0, faces)
    out.faces.add(watch.rows(None, None, seen))
    if out.drawn:
        is_jpeg = name.suffix.lower() in JPEG
        encode = encode_jpeg if is_jpeg else encode_png
        with atomic(out.place(name if is_jpeg else name.with_suffix(".png"))) as temporary:
            temporary.write_bytes(encode(annotate(picture, seen, looker.about.classes)))


def predict_film(path: Path, name: Path, looker: Looker, out: Output, stop: Stop) -> None:
    """Look at every frame of a film; what was read before it breaks off is kept.

    Raises VideoError when there is no film in the file, or not all of it.
    """
    try:
        with open_film(path) as film:
            watch = Watch(name.as_posix(), looker.about)
            with out.film(name, film.time_base) as mp4, ahead(film.frames(), AT_ONCE) as frames:
                for batch in together(track(frames, name.name, film.expected), AT_ONCE):
                    _look(batch, watch, looker, out, mp4)
                    if stop.asked:
                        break
            out.keep(watch)
            if not stop.asked and film.fault:
                raise VideoError(f"{film.fault}; what could be read was looked at")
    except VideoError as reason:
        raise VideoError(f"{path}: {reason}") from None


def predict_camera(
    source: str, looker: Looker, out: Output, stop: Stop, seconds: float | None
) -> None:
    """Look at the newest picture of a camera, again and again."""
    name = without_password(source)
    with open_camera(source) as camera:
        watch = Watch(name, looker.about)
        file = Path("".join(c if c.isalnum() else "-" for c in f"camera-{name}") + ".mp4")
        with out.film(file, MILLISECONDS) as mp4:
            while not stop.asked and not camera.ended:
                if (new := camera.newest(SILENT_S)) is None:
                    continue
                time_s, picture = new
                if seconds is not None and time_s > seconds:
                    break
                frame = Frame(watch.frames, round(1000 * time_s), time_s, picture)
                _look([frame], watch, looker, out, mp4)
        out.keep(watch)
        say(f"{name}: {camera.dropped} pictures came faster than they could be looked at")
        if not watch.frames:
            raise SourceError(f"{name}: the camera is there but gave no picture")


def _look(
    frames: Sequence[Frame], watch: Watch, looker: Looker, out: Output, mp4: Mp4 | None
) -> None:
    """Look at frames that follow each other, and keep what is seen."""
    found = looker.look([frame.picture for frame in frames])
    for frame, faces in zip(frames, found, strict=True):
        seen = watch.add(frame.time_s, faces)
        out.faces.add(watch.rows(frame.number, frame.time_s, seen))
        if mp4 is not None:
            mp4.add(annotate(frame.picture, seen, looker.about.classes), frame.ticks)
