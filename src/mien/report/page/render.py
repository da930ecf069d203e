"""The report page: one HTML file that needs nothing else."""

from collections.abc import Mapping

from mien import __version__
from mien.report.page import words
from mien.report.page.agreement import agreement_section
from mien.report.page.gallery import Choice
from mien.report.page.inputs import Inputs
from mien.report.page.provenance import (
    counts_section,
    credit_rows,
    licence_rows,
    method_section,
    scene_figures,
)
from mien.report.page.scores import accuracy_axis, headline, ranked_variants, variant_section
from mien.report.page.templates import environment, style


def render(
    inputs: Inputs, choice: Choice, faces: Mapping[str, str], scenes: Mapping[str, str]
) -> str:
    """Return the page. `faces` and `scenes` are the chosen pictures as data URIs, by id."""
    ranked = ranked_variants(inputs.summary)
    names = [row["variant"] for row in ranked]
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            style=style(),
            version=__version__,
            params=inputs.params,
            rule=words.rule_sentence(inputs.params.labels),
            faces=faces,
            scenes=scenes,
            headline=headline(inputs, ranked),
            ranked=ranked,
            axis=accuracy_axis(ranked),
            pairs=[words.pair_sentence(pair) for pair in inputs.summary["pairs"]],
            variants=[
                variant_section(inputs, name, choice, f"v{place}")
                for place, name in enumerate(names, start=1)
            ],
            drawn=set(inputs.sources["kind"]) == {"drawn"},
            choice=choice,
            agreement=agreement_section(inputs, choice),
            source_scenes=scene_figures(inputs, choice),
            counts=counts_section(inputs, ranked),
            method=method_section(inputs, names),
            licences=licence_rows(inputs.scenes),
            credits=credit_rows(inputs, choice),
        )
    )
