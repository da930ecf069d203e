"""Settings are checked before anything runs; a misspelt one gets a suggestion."""

from pathlib import Path

import pytest
import yaml

from mien.errors import ParamsError
from mien.params import PictureSwitches, ResnetSettings, Switches, load

PARAMS = Path(__file__).parents[1] / "params.yaml"


def changed(tmp_path, *path_and_value):
    *path, last, value = path_and_value
    content = yaml.safe_load(PARAMS.read_text())
    section = content
    for key in path:
        section = section[key]
    section[last] = value
    file = tmp_path / "params.yaml"
    file.write_text(yaml.safe_dump(content))
    return file


def test_the_settings_of_the_demo_are_valid():
    params = load(PARAMS)
    assert params.variants["yolov8n-64"].family == "yolo"
    assert params.variants["yolov8n-64"].runs(folds=5) == ["seed-0"]


def test_a_cross_validated_variant_has_a_run_for_every_fold_and_seed(tmp_path):
    file = changed(tmp_path, "variants", "yolov8n-64", "cross_validate", True)
    assert load(file).variants["yolov8n-64"].runs(folds=2) == ["seed-0-fold-0", "seed-0-fold-1"]


def test_the_recipe_of_resnet_is_the_reports():
    recipe = ResnetSettings()
    assert (recipe.head_epochs, recipe.head_learning_rate, recipe.learning_rate) == (10, 1e-4, 1e-5)
    assert (recipe.patience, recipe.plateau_factor) == (5, 0.2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("faces", "detektor", "haar"), "faces.detektor is not a setting; did you mean 'detector'?"),
        (("faces", "zzz", 1), "faces.zzz is not a setting; there are detector, weights, image_size_px, min_confidence, min_size_px, min_sharpness, margin, max_phash_distance"),
        (("face", {}), "face is not a setting; did you mean 'faces'?"),
        (("faces", "margin", -1), "faces.margin is -1; input should be greater than or equal to 0"),
        (("faces", "detector", "dlib"), "faces.detector is 'dlib'; input should be 'haar', "),
        (("faces", "detector", "yunet"), "faces: the detector yunet needs faces.weights"),
        (("faces", "weights", "a.onnx"), "faces: the detector haar takes no weights; set faces.weights to null"),
        (("labels", "quorum", 9), "labels: quorum is 9, more than the 4 voters; set it to 4 or less"),
        (("labels", "voters", 2), "labels: quorum is 3, more than the 2 voters; set it to 2 or less"),
        (("labels", "voters", 0), "labels.voters is 0; input should be greater than or equal to 1"),
        (("labels", "expressions", ["happy", "unsure"]), "labels: 'unsure' is an answer of the ballots and no expression"),
        (("labels", "expressions", ["happy", "taken_back"]), "labels: 'taken_back' is an answer of the ballots and no expression"),
        (("labels", "vote", "tags", ["hat", "happy"]), "labels: labels.vote.tags has 'happy', which is an answer; rename the tag"),
        (("labels", "vote", "tags", ["unsure"]), "labels: labels.vote.tags has 'unsure', which is an answer; rename the tag"),
        (("acquire", "weights", {"random": {"path": "a", "sha256": "0" * 64}}), "acquire.weights.random: 'random' stands for random weights; give the file another name"),
        (("acquire", "weights", {"net.yaml": {"path": "a", "sha256": "0" * 64}}), "acquire.weights.net.yaml: 'net.yaml' stands for random weights; give the file another name"),
        (("acquire", "weights", {"../a.pt": {"path": "a", "sha256": "0" * 64}}), "acquire.weights.../a.pt: '../a.pt' is no name of a file in data/weights"),
        (("variants", "yolov8n-64", "epoch", 3), "variants.yolov8n-64.epoch is not a setting; did you mean 'epochs'?"),
        (("variants", "yolov8n-64", "family", "vgg"), "variants.yolov8n-64.family is 'vgg'; it must be 'yolo' or 'resnet'"),
        (("variants", "yolov8n-64", {"epochs": 3}), "variants.yolov8n-64.family is missing"),
        (("variants", "yolov8n-64", "seeds", [0, 1, 0]), "variants.yolov8n-64.seeds: 0 appears twice"),
        (("variants", "yolov8n-64", "seeds", 0), "variants.yolov8n-64.seeds is 0; input should be a valid list"),
        (("variants", "yolov8n-64", "classes", ["happy", "happy"]), "variants.yolov8n-64.classes: 'happy' appears twice"),
        (("labels", "expressions", ["happy", "happy"]), "labels.expressions: 'happy' appears twice"),
        (("variants", "Yolo 1", None), "variants.Yolo 1: 'Yolo 1' is no name; it may have lower-case letters, digits, '-' and '_'"),
        (("variants", "resnet50-64", "settings", "plateau_factor", 1), "variants.resnet50-64.settings.plateau_factor is 1; input should be less than 1"),
        (("labels", "quorum", 0), "labels.quorum is 0; input should be greater than or equal to 1"),
        (("variants", "yolov8n-64", "weights", "yolo11n-cls.pt"), "variants.yolov8n-64.weights is 'yolo11n-cls.pt', which is not under acquire.weights; add it there with its url and sha256"),
        (("variants", "yolov8n-64", "classes", ["happy", "angri"]), "variants.yolov8n-64.classes has 'angri', which is not in labels.expressions; did you mean 'angry'?"),
        (("variants", "resnet50-64", "settings", "head_epoch", 3), "variants.resnet50-64.settings.head_epoch is not a setting; did you mean 'head_epochs'?"),
        (("variants", "resnet50-64", "settings", "head_epochs", 50), "variants.resnet50-64: head_epochs is 50; it must be below epochs,"),
    ],
)  # fmt: skip
def test_a_bad_setting_is_refused_in_one_line(tmp_path, change, message):
    file = changed(tmp_path, *change)
    with pytest.raises(ParamsError) as error:
        load(file)
    assert str(error.value).startswith(f"{file}: {message}")
    assert "\n" not in str(error.value)


def test_cross_validation_needs_folds(tmp_path):
    content = yaml.safe_load(PARAMS.read_text())
    content["variants"]["yolov8n-64"] |= {"cross_validate": True, "scheme": "paper-every5"}
    file = tmp_path / "params.yaml"
    file.write_text(yaml.safe_dump(content))
    with pytest.raises(ParamsError) as error:
        load(file)
    assert str(error.value) == (
        f"{file}: variants.yolov8n-64: "
        "cross_validate needs the scheme grouped; paper-every5 has no folds"
    )


def test_a_misspelt_setting_is_named_before_the_one_that_is_missing_for_it(tmp_path):
    content = yaml.safe_load(PARAMS.read_text())
    content["faces"]["margins"] = content["faces"].pop("margin")
    file = tmp_path / "params.yaml"
    file.write_text(yaml.safe_dump(content))
    with pytest.raises(ParamsError) as error:
        load(file)
    assert str(error.value) == (f"{file}: faces.margins is not a setting; did you mean 'margin'?")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ": the file is empty"),
        (b"# nothing but words\n", ": the file is empty"),
        (b"- faces\n", ": the file is ['faces']; input should be a valid dictionary"),
        (b"faces: {\n", ", line 2: not valid YAML: expected the node content, but found"),
        (b"faces: 1\nlabels: \xe9\n", ", line 2: not UTF-8; save the file as UTF-8"),
        (
            b"variants:\n  a:\n    epochs: 1\n  a:\n",
            ", line 4: not valid YAML: the key 'a' appears twice",
        ),
    ],
)
def test_a_file_that_holds_no_settings_is_refused(tmp_path, content, message):
    file = tmp_path / "params.yaml"
    file.write_bytes(content)
    with pytest.raises(ParamsError) as error:
        load(file)
    assert str(error.value).startswith(f"{file}{message}")
    assert "\n" not in str(error.value)


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(ParamsError, match="the file is missing; run in a project's folder"):
        load(tmp_path / "params.yaml")


def test_a_variant_that_does_not_exist_is_named():
    with pytest.raises(ParamsError) as error:
        load(PARAMS).variant("yolov8n-46")
    assert str(error.value) == "there is no variant 'yolov8n-46'; did you mean 'yolov8n-64'?"


MOVED = {"bootstrap_samples": 500, "confidence": 0.9, "answered_accuracy": 0.8, "seed": 7}


def earlier(tmp_path, evaluate=None, **sections):
    content = yaml.safe_load(PARAMS.read_text())
    del content["evaluate"]
    for name, more in sections.items():
        content[name] |= more
    content |= {"evaluate": evaluate} if evaluate else {}
    file = tmp_path / "params.yaml"
    file.write_text(yaml.safe_dump(content))
    return file


@pytest.mark.parametrize(
    ("report", "evaluate", "message"),
    [
        (
            MOVED,
            None,
            "bootstrap_samples, confidence, answered_accuracy and seed moved from report to a "
            "section of their own: delete them there and add this line: evaluate: "
            "{bootstrap_samples: 500, confidence: 0.9, answered_accuracy: 0.8, seed: 7}",
        ),
        (
            {"seed": 7, "confidence": 0.9},
            MOVED,
            "confidence and seed moved from report to the section evaluate: delete them there",
        ),
    ],
)
def test_settings_that_moved_are_told_with_the_line_to_add(tmp_path, report, evaluate, message):
    file = earlier(tmp_path, evaluate, report=report)
    with pytest.raises(ParamsError) as error:
        load(file)
    assert str(error.value) == f"{file}: {message}"


def test_the_line_to_add_is_a_section_with_the_files_own_values(tmp_path):
    file = earlier(tmp_path, report=MOVED)
    with pytest.raises(ParamsError) as error:
        load(file)
    line = str(error.value).partition("add this line: ")[2]
    file = earlier(tmp_path, **yaml.safe_load(line))
    assert load(file).evaluate.model_dump() == MOVED


def test_a_setting_that_is_gone_is_told(tmp_path):
    file = earlier(tmp_path, MOVED, acquire={"streaming": True})
    with pytest.raises(ParamsError) as error:
        load(file)
    assert str(error.value) == (
        f"{file}: acquire.streaming is gone, since films are fetched whole: delete the line"
    )


def test_every_switch_is_off_unless_named():
    assert Switches().model_dump() == {"class_weights": False, "multi_label": False}
    pictures = {"augmentation": "recipe", "aligned": False, "grey": False}
    assert PictureSwitches().model_dump() == pictures
