"""A model that answers something else than probabilities is an error, not an expression."""

from contextlib import chdir
from pathlib import Path

import numpy as np
import onnx
import pytest
from models import ABOUT, CLASSES, SIZE_PX
from onnx import TensorProto, helper, numpy_helper
from typer.testing import CliRunner
from watching import Show, ask

from mien.acquire.drawing.drawn import draw_source
from mien.cli import app
from mien.errors import ModelError
from mien.images import encode_jpeg, encode_png
from mien.live.classifier import Classifier, at_temperature, open_classifier
from mien.live.detector import yolo
from mien.live.metadata import KEY, PICTURES, PROBABILITIES
from mien.params import FacesParams

EVEN = [0.25] * 4
MULTI = ABOUT.model_copy(update={"multi_label": True})

pytestmark = pytest.mark.xdist_group("live")


def write(path: Path, answer: list[float], only_faces: bool = False) -> Path:
    """Write a model that answers this; `only_faces`: NaN for all but black and noise."""
    constants = {"answer": [answer], "noise": [[127.5]], "near": [[4.0]], "none": [[0.0]]}
    nodes = [
        helper.make_node("Cast", [PICTURES], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["float"], ["row"]),
        helper.make_node("ReduceMean", ["row"], ["mean"], axes=[1], keepdims=1),
        helper.make_node("Sub", ["mean", "noise"], ["apart"]),
        helper.make_node("Mul", ["apart", "apart"], ["far"]),
        helper.make_node("Sub", ["near", "far"], ["nearness"]),
        helper.make_node("Mul", ["mean", "nearness"], ["negative"]),
        helper.make_node("Sqrt" if only_faces else "Identity", ["negative"], ["root"]),
        helper.make_node("Mul", ["root", "none"], ["zero"]),
        helper.make_node("Add", ["zero", "answer"], [PROBABILITIES]),
    ]
    shape = ["n", SIZE_PX, SIZE_PX, 3]
    graph = helper.make_graph(
        nodes, "constant",
        [helper.make_tensor_value_info(PICTURES, TensorProto.UINT8, shape)],
        [helper.make_tensor_value_info(PROBABILITIES, TensorProto.FLOAT, ["n", len(answer)])],
        [numpy_helper.from_array(np.float32(value), name) for name, value in constants.items()],
    )  # fmt: skip
    content = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(content, {KEY: ABOUT.model_dump_json()})
    onnx.save(content, str(path))
    return path


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ([np.nan] * 4, "it answers NaN or infinity"),
        ([np.inf, 0, 0, 0], "it answers NaN or infinity"),
        ([1.5, -0.5, 0, 0], "it answers a negative probability, -0.5"),
        ([0.3, 0.3, 0.3, 0.3], "its probabilities sum to 1.2, not to 1"),
        ([0.0] * 4, "its probabilities sum to 0, not to 1"),
        ([0.2] * 5, r"it answers float32 of the shape \(2, 5\), not floats of \(2, 4\)"),
    ],
)
def test_it_is_refused_when_it_is_opened(tmp_path, answer, reason):
    path = write(tmp_path / "odd.onnx", answer)
    said = rf"odd\.onnx: the model does not fit its own metadata: {reason}; export it again$"
    with pytest.raises(ModelError, match=said):
        open_classifier(path, 1)


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """A model that answers well when it is opened, and NaN for every face."""
    return write(tmp_path_factory.mktemp("broken") / "broken.onnx", EVEN, only_faces=True)


def test_a_face_that_it_answers_nan_for_ends_the_command_in_one_line(broken, tmp_path):
    for name, scene in zip("ab", draw_source("mixed-9", 2), strict=True):
        (tmp_path / f"{name}.png").write_bytes(encode_png(scene.image))
    for command in (["predict", broken, "a.png", "b.png"], ["compare", broken, "a.png", "b.png"]):
        with chdir(tmp_path), pytest.raises(ModelError) as error:
            CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)
        assert str(error.value) == (
            "the model plain, seed-0: it answers NaN or infinity; it is unusable: train and "
            "export it again"
        )
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]


def test_the_live_page_is_told_so_and_the_server_goes_on(broken):
    show = Show(broken).start()
    try:
        frame = encode_jpeg(next(draw_source("mixed-9", 1)).image)
        with show.viewer() as viewer:
            for _ in range(2):
                assert "it answers NaN or infinity" in ask(viewer, frame)["error"]
        assert "Traceback" not in show.said
    finally:
        show.kill()


@pytest.mark.parametrize(
    "answers",
    [
        np.float32([[np.nan, 0.5, 0.25, 0.25]]),
        np.float32([[2, -1, 0, 0]]),
        np.float32([[0.5, 0.5, 0.5, 0.5]]),
        np.float32([EVEN, EVEN]),
        np.float32([0.25]),
        np.int64([[1, 0, 0, 0]]),
    ],
)
def test_every_answer_is_looked_at(answers):
    face = np.zeros((SIZE_PX, SIZE_PX, 3), np.uint8)
    with pytest.raises(ModelError, match="the model plain, seed-0: it"):
        Classifier(lambda _: answers, ABOUT).probabilities([[face]])


def test_classes_answered_each_on_its_own_need_not_sum_to_1_and_must_be_probabilities():
    face = np.zeros((SIZE_PX, SIZE_PX, 3), np.uint8)
    for answers in ([0.9, 0.9, 0.9, 0.9], [1e-30, 0, 0, 0]):
        found = Classifier(lambda _, a=answers: np.float32([a]), MULTI).probabilities([[face]])
        assert found.sum() == pytest.approx(1)
    for answers in ([1.2, 0, 0, 0], [0, 0, 0, 0], [-0.1, 1, 0, 0], [np.nan, 1, 0, 0]):
        with pytest.raises(ModelError):
            Classifier(lambda _, a=answers: np.float32([a]), MULTI).probabilities([[face]])


@pytest.mark.parametrize("temperature", [1e-300, 1e-5, 1.0, 1e5, 1e300])
def test_no_temperature_makes_nan_of_probabilities(temperature):
    given = np.array([[0.7, 0.1, 0.1, 0.1], [1.0, 0, 0, 0], EVEN])
    scaled = at_temperature(given, temperature)
    assert scaled.sum(axis=1) == pytest.approx(1)
    assert len(CLASSES) == scaled.shape[1]


def test_a_detector_that_answers_nan_is_an_error():
    params = {"detector": "yolo", "weights": "w", "image_size_px": 64, "min_confidence": 0.5}
    rest = {"min_size_px": 1, "min_sharpness": 0, "margin": 0, "max_phash_distance": 0}
    find = yolo(
        lambda _: np.full((1, 9, 5), np.nan, np.float32), False, FacesParams(**params, **rest)
    )
    with pytest.raises(ModelError, match="the detector answers NaN or infinity"):
        find([np.zeros((64, 64, 3), np.uint8)])
