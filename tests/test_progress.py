"""Progress in a log: how many are done, how fast, and how long the rest takes."""

import pytest

from mien import progress
from mien.cli import main
from mien.progress import say


@pytest.fixture
def told(monkeypatch, capsys):
    """Return what is told of items of which each takes 10 s, line by line."""
    now = 0.0

    def items(count):
        nonlocal now
        for number in range(count):
            now += 10
            yield number

    def lines(count, **options):
        assert list(progress.track(items(count), "fetch", **options)) == list(range(count))
        return capsys.readouterr().err.splitlines()

    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    return lines


def test_a_line_says_how_many_are_done_how_fast_and_what_is_left(told):
    assert told(3, total=20) == [
        "fetch: 1 of 20, 6 a minute, 3 min left",
        "fetch: 2 of 20, 6 a minute, 3 min left",
        "fetch: 3 of 20, 6 a minute, 3 min left",
    ]
    assert told(1) == ["fetch: 1 of unknown, 6 a minute"]


def test_what_was_done_before_counts_and_says_nothing_of_the_speed(told):
    assert told(2, total=503, done=500) == [
        "fetch: 501 of 503, 6 a minute, 20 s left",
        "fetch: 502 of 503, 6 a minute, 10 s left",
    ]


def test_what_others_named_does_not_command_the_terminal(capsys):
    say("a\x1b[2Jb\x9b1mc\r\u202ed\udcff and é, 日本, \N{ZERO WIDTH JOINER} and\ta new\nline")
    said = capsys.readouterr().err
    assert said == (
        "a\\x1b[2Jb\\x9b1mc\\r\\u202ed\\udcff and é, 日本, \N{ZERO WIDTH JOINER} and\ta new\nline\n"
    )


def test_an_error_does_not_command_the_terminal_either(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["mien", "export", "models/\x1b[31mred"])
    with pytest.raises(SystemExit):
        main()
    assert "\x1b" not in capsys.readouterr().err
