"""The report's experiments are variants of one file, and the small project follows it."""

from pathlib import Path

from running import ROOT, copy_example, planned

from mien.params import AnyVariant, ResnetSettings, load

PAPER = load(ROOT / "examples" / "paper" / "params.yaml").variants
SMALL = load(ROOT / "examples" / "paper-small" / "params.yaml").variants

EXPERIMENTS = [  # of the report's sections 2.1.1 to 2.2, in its order
    ("n-64", "yolov8n-cls.yaml", 64, 100, "initial", None, "paper-first20"),
    ("n-128", "yolov8n-cls.yaml", 128, 100, "initial", None, "paper-first20"),
    ("n-128-no-neutral", "yolov8n-cls.yaml", 128, 100, "initial", "neutral", "paper-first20"),
    ("n-128-no-surprised", "yolov8n-cls.yaml", 128, 100, "initial", "surprised", "paper-first20"),
    ("m-128-initial", "yolov8m-cls.yaml", 128, 100, "initial", None, "paper-first20"),
    ("m-128-consensus", "yolov8m-cls.yaml", 128, 100, "consensus", None, "paper-first20"),
    ("x-128", "yolov8x-cls.yaml", 128, 100, "consensus", None, "paper-every5"),
    ("resnet50-160", "random", 160, 50, "consensus", None, "paper-20-4-1"),
]


def left_out(variant: AnyVariant) -> str | None:
    """Return the one class of the four that the variant does not tell apart."""
    if variant.classes is None:
        return None
    [name] = {"angry", "happy", "neutral", "surprised"} - set(variant.classes)
    return name


def test_every_experiment_of_the_report_is_a_variant() -> None:
    assert [
        (name, v.weights, v.image_size_px, v.epochs, v.labels, left_out(v), v.scheme)
        for name, v in PAPER.items()
    ] == EXPERIMENTS


def test_their_settings_are_the_recipes_as_they_are() -> None:
    resnet = PAPER["resnet50-160"].settings
    assert resnet == ResnetSettings()
    assert all(v.settings == {} for v in PAPER.values() if v.family == "yolo")


def what_is_compared(variant: AnyVariant) -> dict[str, object]:
    return variant.model_dump(include={"family", "labels", "classes", "scheme"})


def test_the_small_project_compares_what_the_reports_does() -> None:
    assert list(SMALL) == list(PAPER)
    for name, variant in SMALL.items():
        assert what_is_compared(variant) == what_is_compared(PAPER[name]), name
        if variant.family == "yolo":
            assert variant.weights == PAPER[name].weights, name


def test_the_small_project_is_eight_trainings_of_drawn_faces(tmp_path: Path) -> None:
    copy_example("paper-small", tmp_path / "project")
    jobs = planned(tmp_path / "project")
    assert (jobs["draw"], jobs["train_yolo"], jobs["train_resnet"]) == (4, 7, 1)
    assert not {"flickr", "video", "folder", "weights"} & set(jobs)
