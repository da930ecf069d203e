"""Writing answers from other programs as ballots into the voters' files."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from mien.boxes import BOX
from mien.errors import SourceError
from mien.labels import tables
from mien.labels.ballots import ballot_files, refuse_strays
from mien.labels.voters import name_key
from mien.tables import write_csv


def on_faces(votes: pd.DataFrame, faces: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the votes as ballots of round one, and the ids that belong to no face.

    `votes` has face_id, voter, vote and cast_at.
    """
    known = votes["face_id"].isin(faces["face_id"])
    places = faces[["face_id", "scene_id", *BOX]]
    ballots = votes[known].merge(places, on="face_id", how="left", validate="many_to_one")
    unknown = [str(face) for face in votes.loc[~known, "face_id"].unique()]
    return ballots.assign(round="label", repeat=0), unknown


def write_ballots(
    folder: Path, ballots: pd.DataFrame, expressions: Sequence[str], replace: bool
) -> list[Path]:
    """Write the ballots, one file a voter, and return the files.

    Raises TableError or SourceError, and writes none, when a file beside them looks like ballots
    and is not read, when a voter has a file already and `replace` is false, or when the names of
    file and voter differ only in case.
    """
    refuse_strays(folder)
    there = {name_key(path.stem): path for path in ballot_files(folder)}
    files = {voter: folder / f"{voter}.csv" for voter in ballots["voter"].unique()}
    for voter, path in files.items():
        old = there.get(name_key(voter))
        if old and unicodedata.normalize("NFC", old.stem) != voter:
            raise SourceError(f"{old}: its voter differs from {voter!r} only in case; rename one")
        if old and not replace:
            raise SourceError(f"{path}: there are ballots already; --replace writes over them")
    table = tables.ballots(expressions)
    for voter, own in ballots.groupby("voter", sort=False):
        write_csv(files[str(voter)], own, table)
    return list(files.values())
