"""Reading ballots from the voters' files, applying corrections, and matching today's faces."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mien.errors import TableError
from mien.labels import tables
from mien.labels.checks import check_rounds, check_values, moment
from mien.labels.pairing import pair_boxes
from mien.tables import Table, check, parse_csv, read_bytes

KEY = ["face_id", "voter", "round", "repeat"]
MIN_IOU = 0.6
STAND_INS = 4
STRAY = re.compile(r"\.(csv|tsv|xlsx?|ods|numbers)(\.(txt|csv|gz|zip))?\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Poll:
    """The ballots on kept faces, one a voter, face and round; and the numbers of the others."""

    ballots: pd.DataFrame
    counts: dict[str, int]


def ballot_files(folder: Path) -> list[Path]:
    """Return the voters' files in the folder; hidden files are still being written."""
    return sorted(path for path in folder.glob("[!.]*.csv") if path.is_file())


def refuse_strays(folder: Path) -> None:
    """Raise TableError for a file that looks like ballots and would not be read."""
    read = ballot_files(folder)
    for path in sorted(folder.glob("[!.]*")):
        if path not in read and STRAY.search(path.name):
            kind = "a folder" if path.is_dir() else "not read"
            raise TableError(
                f"{str(path)!r} is {kind}: ballots are files whose names end in .csv; save it as "
                f"{STRAY.sub('', path.name)}.csv, or move it elsewhere"
            )


def voter_of(path: Path) -> str:
    """Return the voter a file is named after, in NFC: some file systems decompose accents."""
    return unicodedata.normalize("NFC", path.stem)


def voted(folder: Path) -> list[Path]:
    """Return the voters' files with at least one answer."""
    return list(filter(has_votes, ballot_files(folder)))


def has_votes(path: Path) -> bool:
    """Return whether a file has a line below its header."""
    return path.read_bytes().strip().count(b"\n") > 0


def stand_ins(people: int, voters: int | None) -> list[str]:
    """Return the files of the simulated voters who replace people who have not voted.

    If `voters` is None, four simulated voters vote as long as nobody else does.
    """
    wanted = voters if voters is not None else STAND_INS * (people == 0)
    return [f"simulated-{number}.csv" for number in range(1, wanted - people + 1)]


def read_ballots(
    paths: Sequence[Path], expressions: Sequence[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Return every row of the voters' files, and the places of torn lines, which are left out.

    A torn line is a last line without a newline that is no whole ballot: its writer was
    interrupted. Raises TableError with file and line for any other fault.
    """
    table = tables.ballots(expressions)
    files: dict[str, Path] = {}
    frames = [check(pd.DataFrame(columns=list(table.columns)), table, Path())]
    torn = []
    for path in paths:
        voter = voter_of(path)
        if voter in files:
            raise TableError(f"{path}: {voter!r} has another file, {files[voter]}; join the two")
        files[voter] = path
        frame, torn_line = _read(path, table)
        frames.append(frame)
        torn += [f"{path}, line {torn_line}"] if torn_line else []
    return pd.concat(frames, ignore_index=True), torn


def poll(cast: pd.DataFrame, faces: pd.DataFrame) -> Poll:
    """Return the ballots that count on the faces of the index, and the numbers of all others."""
    current, corrections = latest(cast)
    first = current[current["repeat"] == 0]  # repeats say how far voters agree with themselves
    matched = match_to_faces(first, faces)
    counts = {
        "voters": int(current["voter"].nunique()),
        "ballots": len(cast),
        "corrections": corrections,
        "repeats": len(current) - len(first),
    }
    return Poll(matched.ballots, counts | matched.counts)


def latest(ballots: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return the latest row of each face, voter, round and repeat, and how many rows are left out.

    If times are equal, the last row counts. An answer that was taken back leaves no row.
    """
    times = ballots["cast_at"].map(lambda text: moment(text).timestamp()).astype("Float64")
    in_time = ballots.loc[times.sort_values(kind="stable").index]
    current = in_time.drop_duplicates(KEY, keep="last").sort_index()
    standing = current[current["vote"] != tables.TAKEN_BACK]
    return standing, len(ballots) - len(standing)


def match_to_faces(ballots: pd.DataFrame, faces: pd.DataFrame) -> Poll:
    """Return the ballots on kept faces, and the numbers of moved, orphaned and dropped ballots.

    A face that was detected anew may have another id. Ballots on a face that is gone move to the
    face of the same scene that overlaps it by 0.6 or more (IoU), one to one. A moved ballot never
    replaces one that the voter cast on the new face in that round.
    """
    known = ballots["face_id"].isin(faces["face_id"])
    lost = ballots[~known]
    old = lost.drop_duplicates("face_id")
    before, after = pair_boxes(old, faces, MIN_IOU)
    successor = dict(zip(old["face_id"].iloc[before], faces["face_id"].iloc[after], strict=True))
    moved = lost.assign(face_id=lost["face_id"].map(successor)).dropna(subset="face_id")
    taken = pd.MultiIndex.from_frame(ballots.loc[known, KEY[:3]])
    moved = moved[~pd.MultiIndex.from_frame(moved[KEY[:3]]).isin(taken)]
    here = pd.concat([ballots[known], moved]).sort_index()
    kept = here["face_id"].isin(faces.loc[faces["status"] == "kept", "face_id"])
    counts = {
        "moved": len(moved),
        "orphans": len(lost) - len(moved),
        "on_dropped_faces": int((~kept).sum()),
    }
    return Poll(here[kept], counts)


def _read(path: Path, table: Table) -> tuple[pd.DataFrame, int]:
    """Return the ballots of one voter's file, and the number of a torn line, or 0."""
    content = read_bytes(path)
    header = ",".join(table.columns).encode()
    if b"\n" not in content and header.startswith(content):  # killed at its first ballot
        return check(pd.DataFrame(columns=list(table.columns)), table, path), int(bool(content))
    before, newline, last = content.rpartition(b"\n")
    try:
        return _parse(content, table, path), 0
    except TableError:
        if not newline or not last.strip():
            raise
    return _parse(before + newline, table, path), before.count(b"\n") + 2


def _parse(content: bytes, table: Table, path: Path) -> pd.DataFrame:
    """Return the ballots of one voter's file, checked."""
    frame, where = parse_csv(content, table, path)
    frame["voter"] = frame["voter"].map(lambda name: unicodedata.normalize("NFC", name))
    check_rounds(frame, where)
    check_values(frame, voter_of(path), where)
    return frame
