"""The model card of a variant, made of the tables alone.

Its form is that of Mitchell et al. (2019), "Model Cards for Model Reporting".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

import pandas as pd

from mien import layout, words
from mien.acquire.sources import public_targets, read_sources
from mien.evaluate.files import Metrics, Summary, VariantRow
from mien.evaluate.openings import hash_models, read_openings
from mien.evaluate.tables import SLICES
from mien.faces.tables import FACES
from mien.files import read_record
from mien.labels.tables import labels as label_table
from mien.live.sureness import sureness
from mien.params import AnyVariant, NetworkVariant, Params, PictureSwitches, Switches, file_of
from mien.report.card_results import (
    abstain_rows,
    calibration_rows,
    class_rows,
    headline_rows,
    opening_rows,
    slice_rows,
)
from mien.report.data_statement import licence_rows
from mien.report.markdown import Rows, render
from mien.report.page.cautions import cautions
from mien.report.page.sentences import settings_text, weights_sentence
from mien.report.page.yields import unvoted_share
from mien.report.tables import ATTRIBUTION
from mien.tables import read_csv
from mien.train.card import Card, read_card
from mien.train.dataset import classes_of
from mien.train.families import FAMILIES, model_of
from mien.train.split import TRUTH
from mien.train.tables import SPLIT, SPLITS


@dataclass(frozen=True)
class Described:
    """A variant and the tables for its card; `cards` and `metrics` have one entry a run."""

    name: str
    params: Params
    cards: Sequence[Card]
    metrics: Sequence[Metrics]
    summary: Summary
    slices: pd.DataFrame
    sources: pd.DataFrame
    index: pd.DataFrame
    labels: pd.DataFrame
    split: pd.DataFrame
    attribution: pd.DataFrame
    openings: pd.DataFrame
    model_sha256: str

    @property
    def variant(self) -> AnyVariant:
        """The variant's settings."""
        return self.params.variants[self.name]

    @property
    def classes(self) -> list[str]:
        """The classes that it tells apart."""
        return classes_of(self.variant, self.params.labels.expressions)

    @property
    def row(self) -> VariantRow:
        """Its row of the summary."""
        return self.summary.row(self.name)

    @property
    def runs(self) -> list[str]:
        """The names of its runs."""
        return [run.name for run in self.params.runs_of(self.name)]

    @cached_property
    def faces(self) -> pd.DataFrame:
        """The faces of its classes: face_id, group_id, split, expression, source_id."""
        truth = self.labels.set_index("face_id")[TRUTH[self.variant.truth]]
        source = self.index.set_index("face_id")["source_id"]
        ids = self.split["face_id"]
        faces = self.split.assign(expression=ids.map(truth), source_id=ids.map(source))
        return faces[faces["expression"].isin(self.classes)]


def read_described(name: str, params: Params) -> Described:
    """Return what the card of a variant is made of, from the project in the working folder."""
    variant, expressions = params.variant(name), params.labels.expressions
    runs = params.runs_of(name)
    models = [layout.MODELS / run for run in runs]
    return Described(
        name=name,
        params=params,
        cards=[read_card(model) for model in models],
        metrics=[read_record(layout.RUNS / run / "metrics.json", Metrics) for run in runs],
        summary=read_record(layout.SUMMARY, Summary),
        slices=read_csv(layout.SLICES, SLICES),
        sources=read_sources(layout.SOURCES, expressions),
        index=read_csv(layout.INDEX, FACES),
        labels=read_csv(layout.LABELS, label_table(expressions)),
        split=read_csv(layout.SPLITS / variant.split, SPLIT),
        attribution=read_csv(layout.ATTRIBUTION, ATTRIBUTION),
        openings=read_openings(layout.OPENINGS),
        model_sha256=hash_models([model_of(run, variant.family) for run in models]),
    )


def render_card(about: Described) -> str:
    """Return the card as Markdown."""
    seen = about.faces[about.faces["split"] != "test"]
    slices = about.slices[about.slices["variant"] == about.name]
    split = PurePath(about.variant.split).stem
    openings = about.openings[about.openings["split"] == split]
    return render(
        "model_card.md.j2",
        about=about,
        family=FAMILIES[about.variant.family],
        model=model_rows(about),
        classes=part_rows(about.faces, about.classes),
        sources=source_rows(seen, about.sources),
        licences=licence_rows(
            about.attribution[about.attribution["face_id"].isin(seen["face_id"])]
        ),
        headline=headline_rows(about.row, about.params.evaluate.confidence),
        scores=class_rows(about.metrics, len(about.variant.seeds), slices),
        slices=slice_rows(slices),
        group_errors=slices.loc[slices["slice"] == "group", "error_rate"],
        calibration=calibration_rows(about.runs, about.metrics),
        abstain=abstain_rows(about.runs, about.metrics),
        sure=[
            f"{name} is {sureness(run.abstain.threshold, run.answers)}."
            for name, run in zip(about.runs, about.metrics, strict=True)
        ],
        split=split,
        test=about.faces[about.faces["split"] == "test"],
        openings=opening_rows(openings, about.name, about.model_sha256),
        limits=limits(about),
        licensed=licensed(about),
    )


def model_rows(about: Described) -> Rows:
    """Return what the model is, name by name."""
    variant, card = about.variant, about.cards[0]
    switches = [
        words.spaced(name)
        for name in (*Switches.model_fields, *PictureSwitches.model_fields)
        if getattr(variant, name, False) is True
    ]
    preprocessing = ", ".join(
        f"{name} {' '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in card.preprocessing.items()
    )
    sees = "; ".join(str(view) for view in card.views)
    return [
        ["classes", words.listing(about.classes)],
        [
            "starting weights" if isinstance(variant, NetworkVariant) else "features",
            weights_sentence(variant, about.params),
        ],
        ["input", f"a square crop of a face, {sees}; {preprocessing}"],
        *network_rows(variant),
        ["settings", settings_text(variant)],
        ["switches", ", ".join(switches) or "none"],
        ["labels learned", variant.labels],
        ["split", variant.scheme],
        ["runs", ", ".join(about.runs)],
        ["versions", ", ".join(f"{name} {number}" for name, number in card.versions.items())],
        ["SHA-256 of the runs' models", about.model_sha256],
    ]


def network_rows(variant: AnyVariant) -> Rows:
    """Return what only a network has: how long and on which pictures it learned."""
    if not isinstance(variant, NetworkVariant):
        return []
    kept = getattr(variant, "checkpoint", "last")
    return [
        ["epochs", f"{variant.epochs}, the {kept} one kept"],
        ["augmentation", variant.augmentation],
    ]


def part_rows(faces: pd.DataFrame, classes: Sequence[str]) -> Rows:
    """Return the faces of each class in each part of the split; below, faces and groups in all."""
    counts = pd.crosstab(faces["expression"], faces["split"])
    counts = counts.reindex(index=list(classes), columns=list(SPLITS), fill_value=0)
    groups = faces.groupby("split")["group_id"].nunique().reindex(list(SPLITS), fill_value=0)
    return [
        *([name, *row] for name, row in zip(counts.index, counts.to_numpy().tolist(), strict=True)),
        ["all faces", *counts.sum().tolist()],
        ["groups", *groups.tolist()],
    ]


def source_rows(faces: pd.DataFrame, sources: pd.DataFrame) -> Rows:
    """Return source, kind, what was asked for, faces and groups of each source that has any."""
    by_source = faces.groupby("source_id").agg(
        faces=("face_id", "size"), groups=("group_id", "nunique")
    )
    found = sources.merge(by_source, left_on="source_id", right_index=True)
    found = found.assign(target=public_targets(found))
    return found[["source_id", "kind", "target", "faces", "groups"]].to_numpy(object).tolist()


def limits(about: Described) -> list[str]:
    """Return what must be known before the figures are believed, a sentence each."""
    variant = about.variant
    checkpoint = getattr(variant, "checkpoint", None)
    unvoted = unvoted_share(about.labels)
    sentences = cautions(about.row, checkpoint, about.sources, unvoted=unvoted)
    if len(variant.seeds) == 1 and isinstance(variant, NetworkVariant):
        sentences.append(
            "It has one seed: how far another one would move the figures is not known."
        )
    if variant.labels == "initial":
        sentences.append("Its labels are first labels, which no second vote reviewed.")
    told = zip(about.runs, about.metrics, strict=True)
    if unsure := [run for run, metrics in told if metrics.abstain.threshold is None]:
        target = words.short_percent(about.params.evaluate.answered_accuracy)
        sentences.append(
            f"At no threshold are {target} of the answers of {words.listing(unsure)} right, so "
            "exported it is sure of nothing, and all that it shows are guesses."
        )
    left_out = [name for name in about.params.labels.expressions if name not in about.classes]
    if left_out:
        sentences.append(
            f"It was never shown {words.listing(left_out)}, and takes such a face for one of its "
            "own classes."
        )
    return sentences


def licensed(about: Described) -> Rows:
    """Return every part of the model and the licence it is under."""
    versions = about.cards[0].versions
    variant = about.variant
    rows = [[f"mien {versions['mien']}", "AGPL-3.0-only"]]
    made_with = FAMILIES[variant.family].licences
    rows += [[f"{name} {versions[name]}", licence] for name, licence in made_with.items()]
    if file := file_of(variant):
        rows.append([f"weights {file}", "what their publisher says; mien does not know"])
    for told in about.cards[0].features:
        if told.get("weights"):
            rows.append([f"features {told['name']}, from {told['weights']}", told["licence"]])
    return rows
