"""How sure a variant may be, as its page tells it."""

import json
from dataclasses import replace

import pandas as pd
from bs4 import BeautifulSoup

from mien.evaluate.files import Abstain, Bin, Metrics
from mien.files import read_record
from mien.report.page.calibration import calibration_section, pooled_bins
from mien.report.page.figures import reliability


def test_temperature_and_threshold_of_each_run_are_those_of_its_metrics(project):
    section = BeautifulSoup(project.variant_page("resnet50-64"), "html.parser").find(id="sureness")
    rows = section.select("tbody tr")
    paths = project.files("metrics/runs/resnet50-64/*/metrics.json")
    assert len(rows) == len(paths) == 2
    for row, path in zip(rows, paths, strict=True):
        run = json.loads(path.read_text())
        numbers = [run["temperature"], run["log_loss"], run["scaled"]["log_loss"]]
        numbers += [run["calibration_error"], run["scaled"]["calibration_error"]]
        assert row.th.text == path.parent.name
        shown = [cell.text for cell in row.select("td")]
        assert shown[:5] == [f"{number:.3f}" for number in numbers]
        coverage, faces = run["abstain"]["coverage"], run["faces"]
        assert shown[6].split()[0] == f"{100 * coverage:.1f}"
        assert shown[6].endswith(f"({round(coverage * faces)} of {faces})")
    assert len(section.select("svg")) == 2


def test_a_run_that_keeps_its_promise_at_no_threshold_is_said_to_be_sure_of_nothing(project):
    paths = project.files("metrics/runs/resnet50-64/*/metrics.json")
    first, second = (read_record(path, Metrics) for path in paths)
    runs = {
        "seed-0": replace(first, abstain=Abstain(0.9, threshold=None, coverage=0, accuracy=None)),
        "seed-1": replace(second, abstain=Abstain(0.9, 0.625, coverage=1, accuracy=0.95)),
    }
    one, other = calibration_section(runs)["runs"]
    assert one["sureness"].startswith("sure of nothing, since at no threshold are")
    assert other["sureness"].startswith("sure from a probability of 62.5 % on, which ")
    assert other["sureness"].endswith(" (100 %); 95 % of those answers are right")


def test_bins_of_several_runs_are_put_together_by_their_faces():
    one = Bin(0.8, 0.87, faces=1, confidence=0.82, accuracy=1.0)
    three = replace(one, faces=3, confidence=0.86, accuracy=0.0)
    empty = Bin(0.2, 0.27, faces=0, confidence=None, accuracy=None)
    expected = {"confidence": [0.85], "accuracy": [0.25], "faces": [4], "low": [0.8]}
    found = pooled_bins([[empty, one], [three]])
    pd.testing.assert_frame_equal(found, pd.DataFrame(expected), check_like=True)
    assert pooled_bins([[], [empty]]).empty


def test_a_single_group_has_no_bins_after_scaling_and_is_drawn_all_the_same():
    bins = pooled_bins([[Bin(0.8, 0.87, faces=3, confidence=0.86, accuracy=1.0)]])
    assert "<svg" in reliability(bins, pooled_bins([[]]), "one")
