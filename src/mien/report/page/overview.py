"""The overview: what came of all variants, and of the faces they were trained on."""

from collections.abc import Mapping

from mien.evaluate.slices import FEWEST
from mien.report.page.agreement import agreement_section
from mien.report.page.effects import effect_rows
from mien.report.page.gallery import Choice
from mien.report.page.inputs import Inputs
from mien.report.page.mistakes import slice_matrix
from mien.report.page.origins import face_origins
from mien.report.page.provenance import (
    counts_section,
    credit_rows,
    method_section,
    scene_figures,
    scene_licences,
)
from mien.report.page.scores import accuracy_axis, headline, pair_sentences
from mien.report.page.sentences import rule_sentence
from mien.report.page.templates import render

TEMPLATES = (
    "overview.html.j2",
    "result.html.j2",
    "compared.html.j2",
    "effects.html.j2",
    "slices.html.j2",
    "faces.html.j2",
    "voters.html.j2",
    "second.html.j2",
    "yield.html.j2",
    "sources.html.j2",
    "method.html.j2",
)


def render_overview(
    inputs: Inputs, choice: Choice, faces: Mapping[str, str], scenes: Mapping[str, str]
) -> str:
    """Return the page. `faces` and `scenes` are the chosen pictures as data URIs, by id."""
    ranked = sorted(inputs.summary.variants, key=lambda row: -row.accuracy)
    labels = inputs.params.labels.among(inputs.ballots.voters)
    switches, schemes = effect_rows(inputs.summary.effects)
    return render(
        TEMPLATES,
        params=inputs.params,
        labels=labels,
        rule=rule_sentence(labels),
        faces=faces,
        origins=face_origins(inputs.faces, inputs.scenes, choice.face_ids()),
        scenes=scenes,
        headline=headline(inputs),
        ranked=ranked,
        axis=accuracy_axis(ranked),
        pairs=pair_sentences(inputs.summary),
        switches=switches,
        schemes=schemes,
        averaged=[row for row in ranked if row.accuracy_averaged is not None],
        slices=slice_matrix(inputs.slices, [row.variant for row in ranked]),
        fewest=FEWEST,
        drawn=set(inputs.sources["kind"]) == {"drawn"},
        choice=choice,
        agreement=agreement_section(inputs, choice),
        doubted=len(inputs.suspected),
        second_look=inputs.second_look,
        source_scenes=scene_figures(inputs, choice),
        counts=counts_section(inputs),
        method=method_section(inputs, [row.variant for row in ranked]),
        licences=scene_licences(inputs.scenes),
        credits=credit_rows(inputs, choice),
    )
