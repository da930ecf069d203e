"""What the report page says of the data: its scenes, its yield, how and from what it was made."""

from collections.abc import Sequence

import pandas as pd

from mien import words
from mien.acquire.tables import UNKNOWN
from mien.report.page.gallery import Choice
from mien.report.page.inputs import Inputs
from mien.report.page.origins import origin
from mien.report.page.sentences import settings_text, web_link, weights_sentence
from mien.report.page.templates import Row
from mien.report.page.yields import (
    DROPPED,
    skip_reasons,
    totals,
    unlabelled_reasons,
    yield_per_class,
    yield_per_source,
)
from mien.train.split import TRUTH


def scene_figures(inputs: Inputs, choice: Choice) -> dict[str, list[Row]]:
    """Return for every source its example scenes, each with the boxes of its faces."""
    faces = inputs.faces[inputs.faces["scene_id"].isin(choice.scene_ids())]
    found = {scene: rows.to_dict("records") for scene, rows in faces.groupby("scene_id")}
    return {
        source: [
            scene | {"boxes": found.get(scene["scene_id"], []), "origin": origin(scene)}
            for scene in scenes.to_dict("records")
        ]
        for source, scenes in choice.scenes.items()
    }


def counts_section(inputs: Inputs) -> Row:
    """Return the yield: per source, per class, all together, and why things were left out.

    The split is that of the best variant.
    """
    best = inputs.params.variants[inputs.summary.best.variant]
    split, truth = inputs.splits[best.split], TRUTH[best.truth]
    left_out = inputs.labels[inputs.labels["label"].isna()]
    per_source = yield_per_source(
        inputs.sources,
        inputs.scenes,
        inputs.skipped,
        inputs.found,
        inputs.faces,
        inputs.labels,
        split,
    )
    total = totals(per_source)
    expressions = inputs.params.labels.expressions
    classes = yield_per_class(expressions, per_source, inputs.labels, split, truth)
    return {
        "split": best.split.removesuffix(".csv"),
        "sources": per_source.fillna({"expression": ""}).to_dict("records"),
        "classes": classes.to_dict("records"),
        "total": total.to_dict(),
        "dropped": ", ".join(
            f"{words.count(total[step])} {words.spaced(step)}" for step in DROPPED
        ),
        "labelled": inputs.labels["label"].value_counts().to_dict(),
        "left_out": left_out["initial"].fillna("").value_counts().to_dict(),
        "skipped": skip_reasons(inputs.skipped).to_dict("records"),
        "unlabelled": unlabelled_reasons(inputs.labels).to_dict("records"),
        "ballots": list(vars(inputs.ballots).items()),
    }


def method_section(inputs: Inputs, names: Sequence[str]) -> list[Row]:
    """Return one row per variant: how it was trained, and from which weights."""
    variants = inputs.params.variants
    return [
        {
            "name": name,
            "variant": variants[name],
            "weights": weights_sentence(variants[name], inputs.params),
            "settings": settings_text(variants[name]),
        }
        for name in names
    ]


def scene_licences(scenes: pd.DataFrame) -> list[Row]:
    """Return how many scenes and authors stand under each licence, the commonest first.

    As the data statement counts them: what was withdrawn is left out, and a scene that two sources
    have counts once.
    """
    known = scenes.assign(author=scenes["author"].mask(scenes["author"] == UNKNOWN))
    groups = known[~known["withdrawn"]].groupby("licence")
    rows = groups.agg(scenes=("scene_id", "nunique"), authors=("author", "nunique")).reset_index()
    return rows.sort_values(["scenes", "licence"], ascending=[False, True]).to_dict("records")


def credit_rows(inputs: Inputs, choice: Choice) -> list[Row]:
    """Return who made the scenes and faces that the page shows: one row an item."""
    shown = set(inputs.faces.loc[inputs.faces["face_id"].isin(choice.face_ids()), "scene_id"])
    scenes = inputs.scenes[inputs.scenes["scene_id"].isin(shown | choice.scene_ids())]
    items = scenes.drop_duplicates(["item_id", "author", "licence", "page_url"])
    return [item | {"link": web_link(item["page_url"])} for item in items.to_dict("records")]
