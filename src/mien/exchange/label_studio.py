"""Writing Label Studio's tasks and configuration, and reading its annotations.

The formats are described in https://labelstud.io/guide/task_format and /guide/predictions.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from mien.errors import TableError, quoted, suggestion
from mien.labels.checks import moment
from mien.labels.tables import NO_EXPRESSION
from mien.labels.times import stamp
from mien.labels.voters import voter_name

IMAGE, QUESTION = "face", "expression"  # the names of the page's two elements
HOW = "export the project from Label Studio as JSON, not as JSON-MIN or CSV"


@dataclass(frozen=True)
class Answers:
    """The votes (face_id, voter, vote, cast_at), and the numbers of annotations without one."""

    votes: pd.DataFrame
    skipped: int
    empty: int


def config(expressions: Sequence[str]) -> str:
    """Return the labelling configuration: a face and one choice."""
    choices = "\n".join(f'    <Choice value="{name}"/>' for name in (*expressions, *NO_EXPRESSION))
    return (
        f'<View>\n  <Image name="{IMAGE}" value="$image"/>\n'
        f'  <Choices name="{QUESTION}" toName="{IMAGE}" choice="single" required="true">\n'
        f"{choices}\n  </Choices>\n</View>\n"
    )


def task(face_id: str, image: str, label: str | None) -> dict[str, Any]:
    """Return the task of a face; its label, if it has one, is the proposal.

    `image` is the path below the folder from which Label Studio serves local files.
    """
    data = {"image": f"/data/local-files/?d={quote(image)}", "face_id": face_id}
    if label is None:
        return {"data": data}
    choice = {
        "from_name": QUESTION,
        "to_name": IMAGE,
        "type": "choices",
        "value": {"choices": [label]},
    }
    return {"data": data, "predictions": [{"model_version": "mien", "result": [choice]}]}


def read_export(path: Path, expressions: Sequence[str]) -> Answers:
    """Return the answers in an export.

    Raises TableError for a file that is no JSON export of mien's tasks.
    """
    known = [*expressions, *NO_EXPRESSION]
    rows, skipped, empty = [], 0, 0
    tasks = {f"{path}, task {number}": entry for number, entry in enumerate(_tasks(path), start=1)}
    parts = {where: _parts(entry, where) for where, entry in tasks.items()}
    question = _question([given for _, given in parts.values()], path)
    for where, (face, annotations) in parts.items():
        for annotation in annotations:
            if annotation.get("was_cancelled"):
                skipped += 1
            elif not annotation.get("result"):
                empty += 1
            else:
                rows.append((face, *_answer(annotation, question, known, where)))
    columns = ["face_id", "voter", "vote", "cast_at"]
    return Answers(pd.DataFrame(rows, columns=columns, dtype="string"), skipped, empty)


def _tasks(path: Path) -> list[Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise TableError(f"{path}: the file is missing") from None
    except OSError as error:
        raise TableError(f"{path}: the file cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise TableError(f"{path}: not JSON; {HOW}") from None
    if not isinstance(content, list):
        raise TableError(f"{path}: no list of tasks; {HOW}")
    return content


def _parts(entry: Any, where: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the face of a task and its annotations."""
    if not isinstance(entry, dict) or not isinstance(entry.get("annotations"), list):
        raise TableError(f"{where}: there are no annotations; {HOW}")
    data = entry.get("data")
    face = data.get("face_id") if isinstance(data, dict) else None
    if not isinstance(face, str) or not face:
        raise TableError(
            f"{where}: data.face_id is missing; tasks of `mien labels export label-studio` have it"
        )
    if not all(isinstance(annotation, dict) for annotation in entry["annotations"]):
        raise TableError(f"{where}: an annotation is no object; {HOW}")
    return face, entry["annotations"]


def _question(annotations: Sequence[list[dict[str, Any]]], path: Path) -> str:
    """Return the name of the project's only choice, or else of the choice that mien named.

    Raises TableError when there are several and none has mien's name.
    """
    results = [annotation.get("result") for given in annotations for annotation in given]
    parts = [part for result in results if isinstance(result, list) for part in result]
    names = dict.fromkeys(
        str(part.get("from_name"))
        for part in parts
        if isinstance(part, dict) and part.get("type") == "choices"
    )
    if QUESTION in names or not names:
        return QUESTION
    if len(names) > 1:
        raise TableError(
            f"{path}: the project asks for several choices, {', '.join(map(quoted, names))}; name "
            f"the one of the expression {QUESTION!r} in its configuration and export it again"
        )
    return next(iter(names))


def _answer(
    annotation: dict[str, Any], question: str, known: Sequence[str], where: str
) -> tuple[str, str, str]:
    """Return voter, vote and time of an annotation."""
    try:
        choices = [
            part["value"]["choices"]
            for part in annotation["result"]
            if part["from_name"] == question
        ]
        ((vote,),) = choices
        time = annotation.get("updated_at") or annotation["created_at"]
        cast_at = stamp(moment(time))
    except (KeyError, TypeError, ValueError):
        raise TableError(
            f"{where}: an annotation is not one choice of {question!r} with its time; {HOW}"
        ) from None
    if vote not in known:
        way = suggestion(str(vote), known) or f"; there are {', '.join(known)}"
        raise TableError(f"{where}: the choice is {quoted(vote)}{way}")
    return _voter(annotation.get("completed_by"), where), vote, cast_at


def _voter(completed_by: Any, where: str) -> str:
    """Return the voter's name for an annotator: by number, or by address where there is none."""
    who = completed_by
    if isinstance(who, dict):
        who = who.get("id") or who.get("email")
    if not who or not isinstance(who, int | str):
        raise TableError(
            f"{where}: completed_by is {quoted(completed_by)}; it must be an id or an address"
        )
    return voter_name("labelstudio-" + re.sub(r"[^\w-]+", "-", str(who).casefold()))
