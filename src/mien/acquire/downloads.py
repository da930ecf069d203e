"""What was fetched for one source, what was not, and why.

The folder `data/downloads/<source_id>/` has the files and a small SQLite database of two tables:
the answers of servers to questions such as a search, and the outcome of each item. Scenes are built
from it: after a killed run, or when a shard was deleted, nothing is asked for twice. No rule has
the folder as an output, and neither git nor DVC keeps it.
"""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from mien.acquire.withdrawn import hashed
from mien.params import AcquireParams

STATE = "state.sqlite"
BLANK: dict[str, Any] = {}  # replaces a withdrawn item in an answer
# these settings survive a killed process; after a power cut the last items may be fetched again
SCHEMA = """
pragma journal_mode = wal;
pragma synchronous = normal;
create table if not exists answers (question text primary key, answer text not null);
create table if not exists items (item_id text primary key, outcome text not null);
"""

State = Literal["fetched", "gone", "failed", "unusable", "withdrawn"]
AGAIN: tuple[State, ...] = ("failed", "unusable")  # what `mien acquire retry` asks for once more


@dataclass(frozen=True)
class Outcome:
    """What became of one item.

    `asked` is the exact request, such as an address and a size; another request is asked anew.
    `about` has what is known of the file.
    """

    item_id: str
    asked: str
    state: State
    reason: str = ""
    file: str = ""
    sha256: str = ""
    fetched_at: str = ""
    tool: str = ""
    about: dict[str, Any] = field(default_factory=dict)


class Downloads:
    """The state of one source; a change is on the disk when the call returns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._state = sqlite3.connect(folder / STATE)
        self._state.executescript(SCHEMA)

    def answer(self, question: str, ask: Callable[[], Any]) -> Any:
        """Return the remembered answer to the question, or else that of `ask()`, a JSON value."""
        known = self._state.execute("select answer from answers where question = ?", [question])
        if (row := known.fetchone()) is None:
            answer = ask()
            with self._state:
                values = [question, json.dumps(answer)]
                self._state.execute("insert or replace into answers values (?, ?)", values)
            return answer
        return json.loads(row[0])

    def outcome(self, item_id: str, asked: str, folder: Path) -> Outcome | None:
        """Return what became of the item; None if exactly this was never asked for.

        Also None if the item's file is no longer in the `folder`. A withdrawn item is withdrawn,
        whatever is asked for.
        """
        names = [hashed(item_id), item_id]
        found = self._state.execute("select outcome from items where item_id in (?, ?)", names)
        known = [Outcome(**json.loads(outcome)) for (outcome,) in found]
        valid = (one for one in known if one.state == "withdrawn" or one.asked == asked)
        here = (one for one in valid if one.state != "fetched" or (folder / one.file).is_file())
        return next(here, None)

    def keep(self, outcome: Outcome) -> None:
        """Remember what became of an item, in place of an earlier outcome."""
        with self._state:
            values = [outcome.item_id, json.dumps(asdict(outcome))]
            self._state.execute("insert or replace into items values (?, ?)", values)

    def outcomes(self) -> list[Outcome]:
        """Return the outcome of every item, sorted by id; a withdrawn item's id is a hash."""
        rows = self._state.execute("select outcome from items order by item_id")
        return [Outcome(**json.loads(outcome)) for (outcome,) in rows]

    def ask_again(self) -> int:
        """Forget the items that failed or were unusable; return how many. Gone items stay gone."""
        again = [outcome.item_id for outcome in self.outcomes() if outcome.state in AGAIN]
        with self._state:
            self._state.executemany("delete from items where item_id = ?", [[id_] for id_ in again])
        return len(again)

    def forget(self, item_id: str) -> bool:
        """Delete an item's file and all that is known of it; return whether there was a file.

        Keeps a hash of its name as withdrawn, so that it is not asked for again.
        """
        found = self._state.execute("select outcome from items where item_id = ?", [item_id])
        files = [self.folder / json.loads(outcome)["file"] for (outcome,) in found]
        came = [path for path in files if path.is_file()]  # an empty name gives the folder
        for path in came:
            path.unlink()
        self.keep(Outcome(hashed(item_id), "", "withdrawn", "withdrawn; its name is a hash"))
        with self._state:
            self._state.execute("delete from items where item_id = ?", [item_id])
        return bool(came)

    def forget_answers(self, withdrawn: Callable[[dict[str, Any]], bool]) -> None:
        """Blank every object in the remembered answers for which `withdrawn` is true.

        A blank photo keeps its place in a search, which would otherwise go on to one more. An
        answer that is itself withdrawn is deleted. Deleted text is overwritten on the disk.
        """
        with self._state:
            for question, text in self._state.execute("select * from answers").fetchall():
                answer = json.loads(text)
                rest = _blanked(answer, withdrawn)
                if rest == BLANK:
                    self._state.execute("delete from answers where question = ?", [question])
                elif rest != answer:
                    values = [json.dumps(rest), question]
                    self._state.execute("update answers set answer = ? where question = ?", values)
        self._state.execute("vacuum")
        self._state.execute("pragma wal_checkpoint(truncate)").fetchall()

    def finish(self, asked: str) -> None:
        """Remember that all of the request was tried, for `is_finished`."""
        self.answer(f"finished {asked}", lambda: True)


def request(kind: str, target: str, limit: int, params: AcquireParams) -> str:
    """Return what a source asks the network for, as one text."""
    asked: list[Any] = [kind, target, limit]
    if kind == "flickr":
        asked += [params.licences, params.photo_size_px]
    else:
        asked += [params.height_px]
    return json.dumps(asked)


def is_finished(folder: Path, asked: str) -> bool:
    """Return whether all of the request was tried, so that its scenes need no network."""
    if not (folder / STATE).is_file():
        return False
    with closing(sqlite3.connect(folder / STATE)) as state:
        try:
            sought = [f"finished {asked}"]
            found = state.execute("select 1 from answers where question = ?", sought)
            return found.fetchone() is not None
        except sqlite3.OperationalError:  # killed before its tables were made
            return False


def _blanked(answer: Any, withdrawn: Callable[[dict[str, Any]], bool]) -> Any:
    """Return the answer with blanks in place of the objects that were withdrawn."""
    if isinstance(answer, dict):
        if withdrawn(answer):
            return BLANK
        return {name: _blanked(value, withdrawn) for name, value in answer.items()}
    if isinstance(answer, list):
        return [_blanked(one, withdrawn) for one in answer]
    return answer
