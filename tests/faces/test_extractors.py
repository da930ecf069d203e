"""An extractor takes pictures as they are, and answers as its network does behind its settings."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper, parser

from mien.errors import SourceError
from mien.faces.extractors import extractor_graph
from mien.faces.graphs import runner, side_by_side
from mien.params import HogFeatures, NetworkFeatures

DATA = Path(__file__).parents[3] / "shared" / "data" / "weights"
SIDE = 8
PICTURES = np.random.default_rng(0).integers(0, 256, (5, SIDE, SIDE, 3), np.uint8)

NETWORK = """
<ir_version: 8, opset_import: ["" : {opset}]>
network (float[{n}, {shape}] face) => (float[{n}, 4] features)
{{
  planes = Conv<pads = [1, 1, 1, 1]>(face, kernel)
  active = Relu(planes)
  pooled = GlobalAveragePool(active)
  features = {last}
}}
"""


def settings(**changes) -> NetworkFeatures:
    told = {"kind": "network", "weights": "net.onnx", "output": "features", "image_size_px": SIDE}
    told |= {"layout": "nchw", "colour": "rgb", "mean": [120.0, 110.0, 100.0], "std": [2.0]}
    return NetworkFeatures(**told | {"aligned": False, "licence": "CC0-1.0"} | changes)


def write(path, shape="3, 8, 8", n="n", opset=17, last="Flatten<axis = 1>(pooled)", channels=3):
    """Write a network of one convolution of four planes; return its kernel."""
    model = parser.parse_model(NETWORK.format(n=n, shape=shape, opset=opset, last=last))
    kernel = np.random.default_rng(1).normal(size=(4, channels, 3, 3)).astype(np.float32)
    model.graph.initializer.append(numpy_helper.from_array(kernel, "kernel"))
    onnx.save(model, path)
    return path


def ask(path: Path, given: np.ndarray, output: str = "features") -> np.ndarray:
    session = onnxruntime.InferenceSession(path)
    one = [session.run([output], {"face": given[n : n + 1]})[0] for n in range(len(given))]
    return np.concatenate(one)


def refused(path: Path, **changes) -> str:
    with pytest.raises(SourceError) as error:
        extractor_graph(settings(**changes), path)
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize("colour", ["rgb", "bgr", "grey"])
def test_pixels_are_prepared_as_the_settings_say(tmp_path, colour):
    path = write(tmp_path / "net.onnx")
    pictures = PICTURES.astype(np.float32)
    if colour == "bgr":
        pictures = pictures[..., ::-1]
    if colour == "grey":
        pictures = (pictures @ np.float32([0.299, 0.587, 0.114]))[..., None].repeat(3, axis=3)
    theirs = ask(path, ((pictures - np.float32([120, 110, 100])) / 2).transpose(0, 3, 1, 2))
    ours = runner(extractor_graph(settings(colour=colour), path), 1)(PICTURES)
    assert ours.shape == (5, 4)
    assert ours == pytest.approx(theirs, rel=1e-4, abs=1e-3)


def test_channels_may_come_last_and_be_one(tmp_path):
    path = tmp_path / "net.onnx"
    text = NETWORK.format(n="n", shape="8, 8, 1", opset=17, last="Flatten<axis = 1>(pooled)")
    text = text.replace(
        "planes = Conv", "turned = Transpose<perm = [0, 3, 1, 2]>(face)\n  planes = Conv"
    )
    model = parser.parse_model(text.replace("(face, kernel)", "(turned, kernel)"))
    kernel = np.random.default_rng(1).normal(size=(4, 1, 3, 3)).astype(np.float32)
    model.graph.initializer.append(numpy_helper.from_array(kernel, "kernel"))
    onnx.save(model, path)
    told = settings(layout="nhwc", colour="grey", mean=[100.0])
    brightness = (PICTURES.astype(np.float32) @ np.float32([0.299, 0.587, 0.114]))[..., None]
    ours = runner(extractor_graph(told, path), 1)(PICTURES)
    assert ours == pytest.approx(ask(path, (brightness - 100) / 2), rel=1e-4, abs=1e-3)


def test_of_an_inner_tensor_with_places_each_number_is_their_mean(tmp_path):
    path = write(tmp_path / "net.onnx")
    inner = runner(extractor_graph(settings(output="active"), path), 1)(PICTURES)
    last = runner(extractor_graph(settings(), path), 1)(PICTURES)
    assert inner == pytest.approx(last, rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("opset", [11, 13, 17, 20])
@pytest.mark.parametrize("last", ["Flatten<axis = 1>(pooled)", "Reshape(pooled, shape)"])
def test_a_network_of_one_picture_takes_any_number(tmp_path, opset, last):
    """A constant shape cannot be made free: such a network answers in a loop."""
    path = write(tmp_path / "net.onnx", n="1", opset=opset, last=last)
    if "Reshape" in last:
        model = onnx.load(path)
        model.graph.initializer.append(numpy_helper.from_array(np.array([1, 4]), "shape"))
        onnx.save(model, path)
    run = runner(extractor_graph(settings(), path), 1)
    together = run(PICTURES)
    assert together.shape == (5, 4)
    alone = np.concatenate([run(PICTURES[n : n + 1]) for n in range(5)])
    assert together == pytest.approx(alone, rel=1e-5)
    given = ((PICTURES.astype(np.float32) - np.float32([120, 110, 100])) / 2).transpose(0, 3, 1, 2)
    assert together == pytest.approx(ask(path, given), rel=1e-4, abs=1e-3)


def test_what_does_not_fit_is_one_line_that_names_what_the_file_has(tmp_path):
    path = write(tmp_path / "net.onnx")
    assert refused(path, output="featurs") == (
        "no tensor 'featurs'; its outputs are features, and there are 4 tensors; did you mean "
        "'features'?"
    )
    assert "such as pooled, active, planes" in refused(path, output="zzz")
    size = "its input 'face' is (n, 3, 8, 8), but the settings say "
    end = "; correct layout, image_size_px or colour"
    assert refused(path, image_size_px=16) == f"{size}nchw of (n, 3, 16, 16){end}"
    assert refused(path, layout="nhwc") == f"{size}nhwc of (n, 8, 8, 3){end}"
    assert refused(path, mean=[1.0, 2.0]) == (
        "its input 'face' has 3 channels, but 2 numbers stand under mean or std"
    )
    one = write(tmp_path / "one.onnx", shape="1, 8, 8", channels=1)
    assert refused(one) == "its input 'face' has one channel; set colour to grey"
    assert refused(tmp_path / "gone.onnx") == "the file is missing; run snakemake to fetch it"
    (tmp_path / "page.onnx").write_text("<html>")
    assert refused(tmp_path / "page.onnx") == "not an ONNX file of a network"
    both = onnx.load(path)
    both.graph.input.append(helper.make_tensor_value_info("more", 1, ["n", 3]))
    onnx.save(both, tmp_path / "two.onnx")
    assert refused(tmp_path / "two.onnx") == "its inputs are face, more; it must have one"


def test_extractors_stand_side_by_side(tmp_path):
    graphs = [
        extractor_graph(settings(), write(tmp_path / "new.onnx", opset=17)),
        extractor_graph(settings(), write(tmp_path / "old.onnx", opset=13)),
        extractor_graph(HogFeatures(kind="hog", image_size_px=32, aligned=False), None),
    ]
    names = ["pictures", "pictures_2", "pictures_3"]
    session = onnxruntime.InferenceSession(
        side_by_side(graphs, names, "features").SerializeToString()
    )
    large = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), np.uint8)
    given = dict(zip(names, [PICTURES, PICTURES, large], strict=True))
    (together,) = session.run(["features"], given)
    alone = [runner(graph, 1)(seen) for graph, seen in zip(graphs, given.values(), strict=True)]
    assert together == pytest.approx(np.hstack(alone), rel=1e-4, abs=1e-4)


def test_histograms_follow_edges_and_not_the_light():
    run = runner(extractor_graph(HogFeatures(kind="hog", image_size_px=64, aligned=False), None), 1)
    rows, columns = np.mgrid[:64, :64]
    stripes = [(100 + 80 * np.sin(axis / 3)).astype(np.uint8) for axis in (rows, columns)]
    level, upright = (np.repeat(one[..., None], 3, axis=2) for one in stripes)
    found = run(np.stack([level, upright, (level * 0.6).astype(np.uint8)]))
    assert found.shape == (3, 36 * 7 * 7)
    assert np.linalg.norm(found[0] - found[1]) > 10 * np.linalg.norm(found[0] - found[2])
    assert (run(np.zeros((1, 64, 64, 3), np.uint8)) == 0).all()


@pytest.mark.skipif(not DATA.is_dir(), reason="needs the expression networks of ../shared/data")
def test_an_expression_network_is_run_as_its_makers_say():
    path = DATA / "face_expression_features.onnx"
    told = settings(image_size_px=112, mean=[122.782, 117.001, 104.298], std=[255.0])
    faces = np.random.default_rng(0).integers(0, 256, (3, 112, 112, 3), np.uint8)
    given = (faces - np.float32(told.mean)) / np.float32(255)
    theirs = ask(path, given.transpose(0, 3, 1, 2))
    ours = runner(extractor_graph(told, path), 1)(faces)
    assert ours.shape == (3, 256)
    assert ours == pytest.approx(theirs, rel=1e-3, abs=1e-4)
