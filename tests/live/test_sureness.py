"""What a model says that it is not sure of: the likeliest class, marked as a guess."""

import csv
import json
import math
from contextlib import chdir
from pathlib import Path

import numpy as np
import onnx
import pytest
from models import ABOUT, CLASSES
from typer.testing import CliRunner

from mien.acquire.drawing.drawn import draw_source
from mien.cli import app
from mien.errors import ModelError
from mien.images import encode_png
from mien.live.annotate import PAPER, annotate, colour_of, words_of
from mien.live.look import Face
from mien.live.metadata import KEY, Answers, read_metadata
from mien.live.smooth import Shown
from mien.live.sureness import sureness
from mien.live.track import Seen

ANSWERS = Answers(target=0.9, faces=277, answered=120, accuracy=0.908333)

pytestmark = pytest.mark.xdist_group("live")


def mien(folder: Path, *words: object, code: int = 0) -> str:
    with chdir(folder):
        ran = CliRunner().invoke(app, list(map(str, words)), catch_exceptions=False)
    assert ran.exit_code == code, ran.output
    return ran.stderr + ran.stdout


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def weak(model, tmp_path_factory) -> Path:
    """A model that keeps its promise at no threshold."""
    about = ABOUT.model_copy(
        update={
            "threshold": None,
            "answers": Answers(target=0.9, faces=277, answered=0, accuracy=None),
        }
    )
    content = onnx.load(str(model))
    onnx.helper.set_model_props(content, {KEY: about.model_dump_json()})
    path = tmp_path_factory.mktemp("weak") / "weak.onnx"
    onnx.save(content, str(path))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for n, scene in enumerate(draw_source("mixed-9", 4)):
        (folder / f"{n}.png").write_bytes(encode_png(scene.image))
    return folder


def test_a_model_that_is_sure_of_nothing_says_so_and_tells_the_likeliest_class(weak, folder):
    said = mien(folder, "predict", weak, "0.png", "1.png", "2.png", "--output", "weak")
    assert said.splitlines()[0] == (
        "plain, seed-0: sure of nothing, since at no threshold are 90 % of its answers right; the "
        "likeliest expression is shown as a guess"
    )
    found = rows(folder / "weak" / "faces.jsonl")
    assert {row["expression"] for row in found} == {"unsure"}
    for row in found:
        by_class = {name: row[f"smoothed_{name}"] for name in CLASSES}
        assert row["likeliest"] == max(by_class, key=by_class.get)
        assert row["probability"] == by_class[row["likeliest"]]
    assert len({row["likeliest"] for row in found}) > 1


def test_a_threshold_of_0_always_answers_and_one_of_1_almost_never(weak, model, folder):
    for threshold, path in ((0, weak), (1, model)):
        out = f"at-{threshold}"
        said = mien(
            folder, "predict", path, "0.png", "1.png", "--threshold", threshold, "--output", out,
            "--form", "csv",
        )  # fmt: skip
        told = {0: "always sure", 1: "sure from a probability of 100 % on"}[threshold]
        assert said.startswith(f"plain, seed-0: {told}, as --threshold asks\n")
        with (folder / out / "faces.csv").open() as file:
            found = list(csv.DictReader(file))
        for row in found:
            assert row["expression"] == (row["likeliest"] if threshold == 0 else "unsure")
        assert found


def test_a_threshold_that_is_none_is_refused(model, folder):
    for threshold in ("-0.1", "60", "x", "nan"):
        said = mien(folder, "predict", model, "0.png", "--threshold", threshold, code=2)
        assert "Invalid value for '--threshold'" in said


def test_compared_pictures_tell_the_likeliest_class_beside_the_answer(weak, folder):
    for options, answer in (([], "unsure"), (["--threshold", "0"], None)):
        said = mien(folder, "compare", weak, "0.png", "1.png", *options)
        table = {words[0]: words[1:] for line in said.splitlines() if (words := line.split())}
        for column in (0, 1):
            by_class = {name: float(table[name][2 * column]) for name in CLASSES}
            assert table["likeliest"][column] == max(by_class, key=by_class.get)
            assert table["expression"][column] == (answer or table["likeliest"][column])
        assert "sure" in said.splitlines()[0]


def test_of_a_film_spans_and_tracks_tell_the_likeliest_class_too(weak, film, tmp_path):
    mien(tmp_path, "predict", weak, film.path, "--no-drawn")
    spans, tracks = (rows(tmp_path / "predicted" / f"{name}.jsonl") for name in ("spans", "tracks"))
    for row in spans:
        assert row["expression"] == "unsure"
        assert (
            row["probability"]
            == row[f"p_{row['likeliest']}"]
            == max(row[f"p_{name}"] for name in CLASSES)
        )
    assert len({row["likeliest"] for row in spans}) > 2  # what is guessed changes with the faces
    for row in tracks:
        assert (row["expression"], row["share_unsure"]) == ("unsure", 1)
        assert row["likeliest"] in CLASSES
        assert 1 / len(CLASSES) <= row["probability"] <= 1


def test_a_guess_is_drawn_dashed_and_with_a_question_mark():
    probabilities = np.array([0.1, 0.48, 0.22, 0.2])
    face = Face((100, 100, 200, 200), 0.9, probabilities)
    sure, guess = (Seen(face, 2, probabilities, Shown(1, is_sure)) for is_sure in (True, False))
    assert words_of(sure, CLASSES) == "2 happy 48 %"
    assert words_of(guess, CLASSES) == "2 happy? 48 %"
    drawn = {}
    for name, seen in (("sure", sure), ("guess", guess)):
        picture = annotate(np.zeros((400, 400, 3), np.uint8), [seen], CLASSES)
        assert (picture[100:300, 300] == colour_of(1)).all(axis=1).any()
        drawn[name] = (picture[120:280, 300] != 0).any(axis=1)
        assert (picture == PAPER).all(axis=2).any() == (name == "guess")
    assert drawn["sure"].all()
    assert 0.3 < drawn["guess"].mean() < 0.8


@pytest.mark.parametrize("size", [1, 3, 12, 40])
def test_guesses_of_faces_of_every_size_are_drawn_inside_the_picture(size):
    seen = Seen(Face((0, 0, size, size), 0.9, np.array([0.4, 0.3, 0.2, 0.1])), 1,
                np.array([0.4, 0.3, 0.2, 0.1]), Shown(0, False))  # fmt: skip
    assert annotate(np.zeros((40, 40, 3), np.uint8), [seen], CLASSES).any()


@pytest.mark.parametrize(
    ("threshold", "answers", "given", "words"),
    [
        (
            0.625, ANSWERS, None,
            "sure from a probability of 62.5 % on, which 120 of 277 validation faces reach "
            "(43.3 %); 90.8 % of those answers are right",
        ),
        (0.625, None, None, "sure from a probability of 62.5 % on"),
        (
            None, None, None,
            "sure of nothing, since the file of the model names no threshold; the likeliest "
            "expression is shown as a guess",
        ),
        (None, ANSWERS, 0.0, "always sure, as --threshold asks"),
        (0.625, ANSWERS, 0.5, "sure from a probability of 50 % on, as --threshold asks"),
    ],
)  # fmt: skip
def test_when_a_model_is_sure_is_a_sentence(threshold, answers, given, words):
    assert sureness(threshold, answers, given) == words


def test_an_export_of_before_loads_and_is_sure_of_nothing_without_a_threshold():
    for threshold in (0.5, None):
        told = json.loads(ABOUT.model_dump_json()) | {"threshold": threshold}
        del told["answers"]
        about = read_metadata(json.dumps(told), "old.onnx")
        assert (about.threshold, about.answers) == (threshold, None)


def test_what_is_written_is_valid_json():
    def refuse(name):
        raise AssertionError(name)

    none = ABOUT.model_copy(update={"threshold": None, "answers": Answers(
        target=0.9, faces=0, answered=0, accuracy=None)})  # fmt: skip
    json.loads(none.model_dump_json(), parse_constant=refuse)


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("name", ["threshold", "temperature"])
def test_metadata_with_no_number_is_refused(name, value):
    told = json.dumps(json.loads(ABOUT.model_dump_json()) | {name: value})
    with pytest.raises(ModelError, match="exported by another version of mien"):
        read_metadata(told, "odd.onnx")


@pytest.mark.parametrize(("faces", "answered"), [(0, 0), (9, 10)])
def test_no_model_answers_more_faces_than_there_were(faces, answered):
    with pytest.raises(ValueError, match="is no count"):
        Answers(target=0.9, faces=faces, answered=answered, accuracy=0.5)
