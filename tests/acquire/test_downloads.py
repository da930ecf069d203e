"""What was fetched is remembered: over kills, and only for what exactly was asked."""

import os
import signal
import subprocess
import sys

import pytest

from mien.acquire.downloads import Downloads, Outcome, is_finished

CAME = Outcome("7", "small", "fetched", file="7.jpeg", about={"author": "Ada"})


@pytest.fixture
def downloads(tmp_path):
    return Downloads(tmp_path / "walks")


def test_a_question_is_put_once_and_its_answer_outlives_the_process(downloads):
    asked = []

    def ask():
        asked.append(1)
        return {"photos": [1, 2]}

    assert downloads.answer("page 1", ask) == {"photos": [1, 2]}
    assert Downloads(downloads.folder).answer("page 1", ask) == {"photos": [1, 2]}
    assert len(asked) == 1


def test_a_question_that_met_an_error_is_put_again(downloads):
    with pytest.raises(ZeroDivisionError):
        downloads.answer("page 1", lambda: 1 / 0)
    assert downloads.answer("page 1", lambda: "now") == "now"


def test_an_item_is_known_only_as_what_exactly_was_asked_for(downloads):
    downloads.keep(CAME)
    (downloads.folder / CAME.file).touch()
    assert Downloads(downloads.folder).outcome("7", "small", downloads.folder) == CAME
    assert downloads.outcome("7", "large", downloads.folder) is None
    assert downloads.outcome("8", "small", downloads.folder) is None
    (downloads.folder / CAME.file).unlink()
    assert downloads.outcome("7", "small", downloads.folder) is None


def test_what_failed_is_asked_for_again_and_what_is_gone_is_not(downloads):
    states = {"1": "fetched", "2": "gone", "3": "failed", "4": "unusable"}
    for item, state in states.items():
        downloads.keep(Outcome(item, "small", state))
    assert downloads.ask_again() == 2
    assert [outcome.item_id for outcome in downloads.outcomes()] == ["1", "2"]


def test_only_the_request_that_was_tried_to_its_end_is_finished(downloads, tmp_path):
    downloads.finish("walks, 20")
    assert is_finished(downloads.folder, "walks, 20")
    assert not is_finished(downloads.folder, "walks, 30")
    assert not is_finished(tmp_path / "nowhere", "walks, 20")


def test_an_empty_state_of_a_run_killed_at_its_start_is_no_end(tmp_path):
    (tmp_path / "state.sqlite").touch()
    assert not is_finished(tmp_path, "walks, 20")
    assert Downloads(tmp_path).outcomes() == []


WRITER = """
import sys
from pathlib import Path
from mien.acquire.downloads import Downloads, Outcome
downloads = Downloads(Path(sys.argv[1]))
for number in range(100_000):
    downloads.keep(Outcome(str(number), "small", "fetched"))
    print(number, flush=True)
"""


def test_a_kill_loses_nothing_that_was_kept(tmp_path):
    run = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
    for _ in range(200):
        last = int(run.stdout.readline())
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    run.stdout.close()
    kept = {outcome.item_id for outcome in Downloads(tmp_path).outcomes()}
    assert kept >= {str(number) for number in range(last + 1)}
