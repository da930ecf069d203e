"""Looking at pictures, films and cameras from start to end, and keeping what is seen."""

import time
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from mien import progress
from mien.errors import MienError, PictureError, SourceError, VideoError
from mien.images import Picture, is_picture
from mien.live.ahead import ahead, together
from mien.live.annotate import annotate
from mien.live.camera import Camera, open_camera, without_password
from mien.live.film import MILLISECONDS, Frame, Mp4, is_film, open_film
from mien.live.look import Looker
from mien.live.output import Output, drawn_name
from mien.live.sources import files_in, kind_of, read_picture
from mien.live.stop import Stop
from mien.live.watch import Watch, count
from mien.progress import say

FRAMES, PICTURES = 8, 4  # at once; pictures may be of 100 megapixels
SILENT_S = 0.5  # between two looks at whether to stop
NAMED = 3  # of the files that are passed over


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
    made = out.folder.resolve()
    files = [path for path in files_in(folder) if not path.resolve().is_relative_to(made)]
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
    if not pictures and not films:
        faults.append(f"{folder}: neither a picture nor a video in it")
    elif neither:
        more = f" and {len(neither) - NAMED} more" if len(neither) > NAMED else ""
        say(f"{folder}: neither picture nor video: {', '.join(neither[:NAMED])}{more}")
    return faults


def predict_pictures(
    paths: Sequence[Path], base: Path, looker: Looker, out: Output, stop: Stop
) -> list[str]:
    """Look at pictures, several together; names are from `base`. Return a line for each fault."""
    faults: list[str] = []
    looked = faces = 0

    def readable() -> Iterator[tuple[Path, Picture]]:
        for path in paths:
            try:
                yield path, read_picture(path)
            except PictureError as reason:
                faults.append(f"{path}: {reason}")

    with ahead(readable(), 1) as pictures:
        for batch in together(progress.track(pictures, base.name, len(paths)), PICTURES):
            found = looker.look([picture for _, picture in batch])
            for (path, picture), seen_in in zip(batch, found, strict=True):
                name = path.relative_to(base)
                name = out.name(name, drawn_name(name).suffix)
                watch = Watch(name.as_posix(), looker.about)
                seen = watch.add(0.0, seen_in)
                out.faces.add(watch.rows(None, None, seen))
                if out.drawn:
                    out.picture(name, annotate(picture, seen, looker.about.classes))
                faces += len(seen)
            looked += len(batch)
            out.looked += len(batch)
            if stop.asked:
                break
    if looked:
        whose = str(base) if len(paths) > 1 else str(paths[0])
        say(f"{whose}: {count(looked, 'picture')}, {count(faces, 'face')}")
    return faults


def predict_film(path: Path, name: Path, looker: Looker, out: Output, stop: Stop) -> None:
    """Look at every frame of a film; what was read before it breaks off is kept.

    Raises VideoError when there is no film in the file, or not all of it.
    """
    try:
        with open_film(path) as film:
            name = out.name(name, ".mp4")
            watch = Watch(name.as_posix(), looker.about)
            with out.film(name, film.time_base) as mp4, ahead(film.frames(), FRAMES) as frames:
                shown = progress.track(frames, name.name, film.expected)
                for batch in together(shown, FRAMES):
                    _look(batch, watch, looker, out, mp4)
                    if stop.asked:
                        break
            out.keep(watch)
            if film.mended:
                say(f"{path}: {film.mended} frames had no time or an earlier one; it was mended")
            if not stop.asked and film.fault:
                raise VideoError(f"{film.fault}; what could be read was looked at")
    except VideoError as reason:
        raise VideoError(f"{path}: {reason}") from None


def predict_camera(
    source: str, looker: Looker, out: Output, stop: Stop, seconds: float | None
) -> None:
    """Look at the newest picture of a camera, again and again.

    Raises SourceError when it gives none, or none any more.
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
        if camera.dropped:
            say(f"{shown}: {camera.dropped} pictures came faster than they could be looked at")
        if camera.ended:
            raise SourceError(f"{shown}: the camera gives no more pictures; what came is kept")


def _frames_of(camera: Camera, stop: Stop, seconds: float | None) -> Iterator[Frame]:
    """Yield the newest picture again and again, until asked to stop or the time is over."""
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
    """Look at frames that follow each other, and keep what is seen."""
    found = looker.look([frame.picture for frame in frames])
    out.looked += len(frames)
    for frame, faces in zip(frames, found, strict=True):
        seen = watch.add(frame.time_s, faces)
        out.faces.add(watch.rows(frame.number, frame.time_s, seen))
        if mp4 is not None:
            mp4.add(annotate(frame.picture, seen, looker.about.classes), frame.ticks)
