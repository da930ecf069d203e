"""What every command has: help by -h, and the version."""

import pytest
import typer
from typer.testing import CliRunner

from mien import __version__
from mien.cli import app, main


def commands(command, name=()):
    """Yield the words of a command and of all below it."""
    yield list(name)
    for child, found in getattr(command, "commands", {}).items():
        yield from commands(found, (*name, child))


@pytest.mark.parametrize("words", list(commands(typer.main.get_command(app))), ids=" ".join)
def test_every_command_tells_its_help_by_either_name(words):
    short, long = (CliRunner().invoke(app, [*words, name]) for name in ("-h", "--help"))
    assert (short.exit_code, short.output) == (0, long.output)
    assert "Usage:" in short.output


def test_the_version_is_told():
    said = CliRunner().invoke(app, ["--version"])
    assert (said.exit_code, said.output) == (0, f"mien {__version__}\n")


@pytest.mark.parametrize("option", ["--threshold", "--seconds"])
@pytest.mark.parametrize("value", ["nan", "inf"])
def test_an_option_that_is_no_number_is_refused(option, value):
    refused = CliRunner().invoke(app, ["predict", "model.onnx", "a.jpg", option, value])
    assert refused.exit_code == 2
    assert "Invalid value for" in refused.output


@pytest.mark.parametrize(
    ("typed", "before", "now"),
    [
        (["report", "best"], "report best", "evaluate best"),
        (["report", "open-test", "yolov8n-64", "--yes"], "report open-test", "evaluate open-test"),
        (["report", "measure", "--metrics", "a.json"], "report measure", "evaluate measure"),
        (["train", "yolo", "--run", "models/a/seed-0"], "train yolo", "train fit"),
    ],
)
def test_a_command_that_moved_names_where_it_is_now(typed, before, now, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["mien", *typed])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert capsys.readouterr().err == (
        f"mien: `mien {before}` is now `mien {now}`: type that instead\n"
    )
