"""The page of one variant: how it learned, what it takes for what, and how sure it may be."""

from collections.abc import Mapping, Sequence

import pandas as pd
from markupsafe import Markup
from sklearn.metrics import confusion_matrix

from mien import words
from mien.evaluate.metrics import class_scores
from mien.evaluate.scored import classes_in
from mien.evaluate.slices import FEWEST
from mien.evaluate.summary import summarise
from mien.params import AnyVariant, NetworkVariant, PictureSwitches, Switches
from mien.report.page.answers import Shown
from mien.report.page.calibration import calibration_section
from mien.report.page.figures import curve
from mien.report.page.mistakes import slice_rows
from mien.report.page.origins import Origin
from mien.report.page.sentences import settings_text, switch, weights_sentence
from mien.report.page.templates import Row, render
from mien.report.page.variant_inputs import VariantInputs

TEMPLATES = (
    "variant.html.j2",
    "matrix.html.j2",
    "mistakes.html.j2",
    "calibration.html.j2",
    "sizes.html.j2",
)


def render_variant(
    inputs: VariantInputs,
    shown: Shown,
    faces: Mapping[str, str],
    seen: Mapping[tuple[str, int], str],
    origins: Mapping[str, Origin],
) -> str:
    """Return the page. `faces` are pictures by face; `seen` those as a size in pixels sees them.

    `origins` say of each of these faces which picture it is from.
    """
    variant, params = inputs.variant, inputs.params
    scored = pd.concat(inputs.predictions, ignore_index=True)
    histories = [run.history for run in inputs.runs]
    (summary,) = summarise(
        [run.result for run in inputs.runs], {inputs.name: variant}, params.evaluate
    )
    return render(
        TEMPLATES,
        name=inputs.name,
        params=params,
        variant=variant,
        recipe=recipe(variant),
        weights=weights_sentence(variant, params),
        settings=settings_text(variant),
        summary=summary,
        runs=[{"name": run.name} | vars(run.metrics) for run in inputs.runs],
        drawings=drawings(histories),
        trained_accuracy=any(one["train_accuracy"].notna().any() for one in histories),
        matrix=matrix_section(scored, shown),
        classes=class_scores(scored),
        calibration=calibration_section({run.name: run.metrics for run in inputs.runs}),
        slices=slice_rows(inputs.slices),
        fewest=FEWEST,
        shown=shown,
        others={name: params.variants[name] for name in inputs.others},
        origins=origins,
        faces=faces,
        seen=seen,
    )


def drawings(histories: Sequence[pd.DataFrame]) -> dict[str, Markup]:
    """Return the learning curves by what they show; none where nothing has epochs."""
    if all(history.empty for history in histories):
        return {}
    return {name: Markup(curve(histories, name, name)) for name in ("loss", "accuracy")}


def recipe(variant: AnyVariant) -> list[str]:
    """Return the recipe in short: a few words each on what it is and what it learned from."""
    parts = [
        variant.family,
        *learning(variant),
        f"{variant.labels} labels",
        variant.scheme,
    ]
    if variant.classes is not None:
        parts.append(words.listing(variant.classes))
    off = {name: field.default for kind in (Switches, PictureSwitches)
           for name, field in kind.model_fields.items()}  # fmt: skip
    values = [(name, getattr(variant, name, no), no) for name, no in off.items()]
    return parts + [switch(name, value) for name, value, no in values if value != no]


def learning(variant: AnyVariant) -> list[str]:
    """Return size and epochs of a network, or the extractors of a probe."""
    if isinstance(variant, NetworkVariant):
        return [f"{variant.image_size_px} px", words.count(variant.epochs, "epochs")]
    return [f"features {words.listing(variant.features)}"]


def matrix_section(scored: pd.DataFrame, shown: Shown) -> Row:
    """Return the confusion matrix of all runs together: a row an actual class, of cells."""
    classes = classes_in(scored)
    actual, predicted = (scored[name].to_numpy(object) for name in ("actual", "predicted"))
    counts = confusion_matrix(actual, predicted, labels=classes)
    totals = counts.sum(axis=1)
    return {
        "classes": classes,
        "rows": [
            {
                "actual": actual,
                "cells": [
                    {
                        "id": f"cell-{row}-{column}",
                        "predicted": predicted,
                        "count": int(counts[row, column]),
                        "share": counts[row, column] / totals[row] if totals[row] else 0.0,
                        "faces": shown.cells.get((actual, predicted)),
                    }
                    for column, predicted in enumerate(classes)
                ],
            }
            for row, actual in enumerate(classes)
        ],
    }
