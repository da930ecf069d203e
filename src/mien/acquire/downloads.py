"""What was fetched for one source, and what was not and why: it outlives a killed run.

A folder `data/downloads/<source_id>/` has the files that came and a small SQLite database of two
tables: what servers answered to questions such as a search, and what became of each item. Scenes
are built from it, so that a run that was killed, or a shard that was deleted, costs no request
twice. No rule has it as an output, and no version of it is kept.
"""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from mien.params import AcquireParams

STATE = "state.sqlite"
# what is kept outlives a killed process; a power cut may lose the last items, which are then
# fetched again
SCHEMA = """
pragma journal_mode = wal;
pragma synchronous = normal;
create table if not exists answers (question text primary key, answer text not null);
create table if not exists items (item_id text primary key, outcome text not null);
"""

State = Literal["fetched", "gone", "failed", "unusable"]
AGAIN: tuple[State, ...] = ("failed", "unusable")  # what `mien acquire retry` asks for once more


@dataclass(frozen=True)
class Outcome:
    """What became of one item.

    `asked` says what exactly was asked for, such as an address and a size: asking for something
    else is asking anew. `file` is the name of what came; `about` what is known of it.
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
    """The state of one source; a change outlives the process once the call returns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._state = sqlite3.connect(folder / STATE)
        self._state.executescript(SCHEMA)

    def answer(self, question: str, ask: Callable[[], Any]) -> Any:
        """Return what `ask()` answered when this question was first put; ask only if it never was.

        The answer must be what JSON can hold.
        """
        known = self._state.execute("select answer from answers where question = ?", [question])
        if (row := known.fetchone()) is None:
            answer = ask()
            with self._state:
                values = [question, json.dumps(answer)]
                self._state.execute("insert or replace into answers values (?, ?)", values)
            return answer
        return json.loads(row[0])

    def outcome(self, item_id: str, asked: str) -> Outcome | None:
        """Return what became of the item, None when just this was not asked for yet."""
        found = self._state.execute("select outcome from items where item_id = ?", [item_id])
        row = found.fetchone()
        outcome = Outcome(**json.loads(row[0])) if row else None
        return outcome if outcome and outcome.asked == asked else None

    def keep(self, outcome: Outcome) -> None:
        """Remember what became of an item, in place of what was remembered of it."""
        with self._state:
            values = [outcome.item_id, json.dumps(asdict(outcome))]
            self._state.execute("insert or replace into items values (?, ?)", values)

    def outcomes(self) -> list[Outcome]:
        """Return what became of every item, in the order of their ids."""
        rows = self._state.execute("select outcome from items order by item_id")
        return [Outcome(**json.loads(outcome)) for (outcome,) in rows]

    def ask_again(self) -> int:
        """Forget the items that failed or were unusable; return how many. Gone ones stay gone."""
        again = [outcome.item_id for outcome in self.outcomes() if outcome.state in AGAIN]
        with self._state:
            self._state.executemany("delete from items where item_id = ?", [[id_] for id_ in again])
        return len(again)

    def finish(self, asked: str) -> None:
        """Remember that all that was asked for was tried: `is_finished` will say so."""
        self.answer(f"finished {asked}", lambda: True)


def request(kind: str, target: str, limit: int, params: AcquireParams) -> str:
    """Return what a source asks the network for, as one text, equal for equal questions."""
    asked: list[Any] = [kind, target, limit]
    if kind == "flickr":
        asked += [params.licences, params.photo_size_px]
    elif params.streaming:
        asked += [params.height_px, params.every_s]
    else:
        asked += [params.height_px]
    return json.dumps(asked)


def is_finished(folder: Path, asked: str) -> bool:
    """Return whether all that was asked for was tried, so that its scenes need no network."""
    if not (folder / STATE).is_file():
        return False
    with closing(sqlite3.connect(folder / STATE)) as state:
        try:
            sought = [f"finished {asked}"]
            found = state.execute("select 1 from answers where question = ?", sought)
            return found.fetchone() is not None
        except sqlite3.OperationalError:  # killed before its tables were made
            return False
