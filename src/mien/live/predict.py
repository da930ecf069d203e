"""Classifying whole pictures, films and cameras, and writing the results."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from mien import progress
from mien.errors import MienError, ModelError, PictureError, SourceError, VideoError
from mien.images import Picture
from mien.live.ahead import ahead, together
from mien.live.annotate import annotate
from mien.live.camera import Camera, open_camera, without_password
from mien.live.look import Face, Looker
from mien.live.output import Output, drawn_name
from mien.live.sources import files_in, kind_of, kind_of_file, read_picture
from mien.live.stop import Stop
from mien.live.watch import Watch, count
from mien.progress import say
from mien.video.film import MILLISECONDS, Frame, Mp4, open_film

FRAMES, PICTURES = 8, 4  # at once; a picture may have 100 megapixels
SILENT_S = 0.5  # the longest wait before checking whether to stop
NAMED = 3  # how many skipped files are named


@dataclass(frozen=True)
class File:
    """A file to classify: how it was given, and the name of its annotated file."""

    path: Path
    given: str
    name: Path

    @classmethod
    def inside(cls, folder: str, path: Path) -> "File":
        """Return a file of a folder that was given."""
        name = path.relative_to(folder)
        return cls(path, f"{folder.rstrip('/')}/{name.as_posix()}", name)


def predict_all(
    sources: Sequence[str], looker: Looker, out: Output, stop: Stop, seconds: float | None
) -> list[str]:
    """Classify every source in turn until asked to stop; return the faults, a line each.

    A camera is watched for `seconds`, or until asked to stop. A fault of one source does not stop
    the others. Raises ModelError when the model gives no probabilities.
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
                faults += predict_folder(source, looker, out, stop)
            else:
                files = [File(Path(source), source, Path(Path(source).name))]
                predict = predict_pictures if kind == "picture" else predict_films
                faults += predict(files, source, looker, out, stop)
        except ModelError:
            raise
        except MienError as error:
            faults.append(str(error))
    return faults


def predict_folder(source: str, looker: Looker, out: Output, stop: Stop) -> list[str]:
    """Classify all pictures and films in a folder; return the faults, a line each."""
    folder, made = Path(source), out.folder.resolve()
    paths = [path for path in files_in(folder) if not path.resolve().is_relative_to(made)]
    kinds = {path: kind_of_file(path) for path in paths}
    pictures, films = (
        [File.inside(source, path) for path in paths if kinds[path] == kind]
        for kind in ("picture", "video")
    )
    faults = predict_pictures(pictures, source, looker, out, stop)
    faults += predict_films(films, source, looker, out, stop)
    neither = [path.name for path in paths if kinds[path] is None]
    if not pictures and not films:
        faults.append(f"{source}: neither a picture nor a video in it")
    elif neither:
        more = f" and {len(neither) - NAMED} more" if len(neither) > NAMED else ""
        say(f"{source}: neither picture nor video: {', '.join(neither[:NAMED])}{more}")
    return faults


def predict_pictures(
    files: Sequence[File], whose: str, looker: Looker, out: Output, stop: Stop
) -> list[str]:
    """Classify pictures, several together; return the faults, a line each."""
    faults: list[str] = []
    looked = faces = 0
    new = [file for file in files if out.is_new(file.given)]

    def readable() -> Iterator[tuple[File, Picture | PictureError]]:
        for file in new:
            try:
                yield file, read_picture(file.path)
            except PictureError as reason:
                yield file, reason

    with ahead(readable(), 1) as pictures:
        for batch in together(progress.track(pictures, whose, len(new)), PICTURES):
            whole = [read for _, read in batch if not isinstance(read, PictureError)]
            found = iter(looker.look(whole))
            for file, read in batch:
                watch = Watch(file.given, looker.about)
                if isinstance(read, PictureError):
                    faults.append(f"{file.given}: {read}")
                    out.end("picture", watch, None, str(read))
                else:
                    _keep(file, read, watch, next(found), out)
                    faces += watch.faces
            looked += len(whole)
            out.looked += len(whole)
            if stop.asked:
                break
    if looked:
        say(f"{whose}: {count(looked, 'picture')}, {count(faces, 'face')}")
    return faults


def _keep(file: File, picture: Picture, watch: Watch, faces: Sequence[Face], out: Output) -> None:
    """Write the faces of a picture."""
    name = out.name(file.name, drawn_name(file.name).suffix)
    seen = watch.add(0.0, faces)
    out.faces.add(watch.rows(None, None, seen))
    if out.drawn:
        out.picture(name, annotate(picture, seen, watch.about.classes))
    out.end("picture", watch, drawn_name(name))


def predict_films(
    files: Sequence[File], _: str, looker: Looker, out: Output, stop: Stop
) -> list[str]:
    """Classify films; return the faults, a line each."""
    faults = []
    for file in files:
        if stop.asked:
            break
        if out.is_new(file.given) and (fault := predict_film(file, looker, out, stop)):
            faults.append(f"{file.given}: {fault}")
    return faults


def predict_film(file: File, looker: Looker, out: Output, stop: Stop) -> str | None:
    """Classify every frame of a film, up to where it breaks off; return its fault, or None."""
    watch, name, fault = Watch(file.given, looker.about), None, None
    try:
        with open_film(file.path) as film:
            name = out.name(file.name, ".mp4")
            with out.film(name, film.time_base) as mp4, ahead(film.frames(), FRAMES) as frames:
                shown = progress.track(frames, name.name, film.expected)
                for batch in together(shown, FRAMES):
                    _look(batch, watch, looker, out, mp4)
                    if stop.asked:
                        break
            out.keep(watch)
            if film.mended:
                mended = f"{film.mended} frames had no time or an earlier one; it was mended"
                say(f"{watch.name}: {mended}")
            if not stop.asked and film.fault:
                fault = f"{film.fault}; what could be read was looked at"
    except VideoError as reason:
        fault = str(reason)
    out.end("film", watch, name and name.with_suffix(".mp4"), fault)
    return fault


def predict_camera(
    source: str, looker: Looker, out: Output, stop: Stop, seconds: float | None
) -> None:
    """Classify the newest picture of a camera, again and again.

    Raises SourceError when the camera gives no picture, or no more.
    """
    shown = without_password(source)
    with open_camera(source) as camera:
        frames = _frames_of(camera, stop, seconds)
        if (first := next(frames, None)) is None:
            if stop.asked:
                return
            raise SourceError(f"{shown}: the camera is there but gives no picture")
        letters = "".join(c if c.isalnum() else "-" for c in shown)
        name = out.name(Path(f"camera-{letters}"), ".mp4")
        watch = Watch(name.as_posix(), looker.about)
        with out.film(name, MILLISECONDS) as mp4:
            for frame in chain([first], frames):
                _look([frame], watch, looker, out, mp4)
        out.keep(watch)
        ended = "the camera gives no more pictures; what came is kept" if camera.ended else None
        out.end("camera", watch, name.with_suffix(".mp4"), ended)
        if camera.dropped:
            say(f"{shown}: {camera.dropped} pictures came faster than they could be looked at")
        if ended:
            raise SourceError(f"{shown}: {ended}")


def _frames_of(camera: Camera, stop: Stop, seconds: float | None) -> Iterator[Frame]:
    """Yield the newest picture again and again, until asked to stop or `seconds` have passed."""
    begun_s, number = time.monotonic(), 0
    while not stop.asked and not camera.ended:
        if seconds is not None and time.monotonic() - begun_s >= seconds:
            return
        if (new := camera.newest(SILENT_S)) is not None:
            time_s, picture = new
            yield Frame(number, round(1000 * time_s), time_s, picture)
            number += 1


def _look(
    frames: Sequence[Frame], watch: Watch, looker: Looker, out: Output, mp4: Mp4 | None
) -> None:
    """Classify consecutive frames and write the results."""
    found = looker.look([frame.picture for frame in frames])
    out.looked += len(frames)
    for frame, faces in zip(frames, found, strict=True):
        seen = watch.add(frame.time_s, faces)
        out.faces.add(watch.rows(frame.number, frame.time_s, seen))
        if mp4 is not None:
            mp4.add(annotate(frame.picture, seen, looker.about.classes), frame.ticks)
