"""The data statement: what the faces are, where they are from, and what they do not say.

In short the questions of Bender & Friedman (2018), "Data Statements for Natural Language
Processing", and of Gebru et al. (2021), "Datasheets for Datasets".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mien import layout, words
from mien.acquire.sources import public_targets, read_sources
from mien.acquire.tables import ACQUIRED, STATES, UNKNOWN
from mien.faces.tables import FACES
from mien.files import read_record
from mien.labels.files import Agreement, BallotCounts
from mien.labels.tables import labels as label_table
from mien.labels.voters import SIMULATED
from mien.params import Params
from mien.report.markdown import Rows, render
from mien.report.page.sentences import rule_sentence
from mien.report.page.yields import unlabelled_reasons, votes_on
from mien.report.tables import ATTRIBUTION
from mien.tables import read_csv
from mien.train.split import leak
from mien.train.tables import SPLIT, SPLITS

DROPPED = {  # of the index's faces
    "duplicate": "shows what another face shows",
    "too_small": "its box is too small",
    "blurred": "it is blurred",
    "withdrawn": "it was withdrawn",
}
NOT_GOT = {  # of acquisition's items
    "gone": "it is no more where it was",
    "failed": "it did not come",
    "unusable": "what came cannot be used",
    "repeated": "it shows what is shown already",
    "licence": "its licence is not asked for",
    "withdrawn": "it was withdrawn",
}


@dataclass(frozen=True)
class Collected:
    """The tables of which the statement is made; `splits` has them by name."""

    params: Params
    sources: pd.DataFrame
    acquired: pd.DataFrame
    attribution: pd.DataFrame
    index: pd.DataFrame
    labels: pd.DataFrame
    ballots: BallotCounts
    agreement: Agreement
    splits: Mapping[str, pd.DataFrame]

    @property
    def kept(self) -> pd.DataFrame:
        """The faces of the index that were not left out, with their label, if they have one."""
        kept = self.index[self.index["status"] == "kept"]
        known = self.labels[["face_id", "initial", "label"]]
        return kept.merge(known, on="face_id", how="left", validate="one_to_one")


def read_collected(params: Params) -> Collected:
    """Return what the statement is made of, from the project in the working folder."""
    names, expressions = {one.split for one in params.variants.values()}, params.labels.expressions
    return Collected(
        params=params,
        sources=read_sources(layout.SOURCES, expressions),
        acquired=read_csv(layout.ACQUIRED, ACQUIRED),
        attribution=read_csv(layout.ATTRIBUTION, ATTRIBUTION),
        index=read_csv(layout.INDEX, FACES),
        labels=read_csv(layout.LABELS, label_table(expressions)),
        ballots=read_record(layout.BALLOT_COUNTS, BallotCounts),
        agreement=read_record(layout.AGREEMENT, Agreement),
        splits={Path(name).stem: read_csv(layout.SPLITS / name, SPLIT) for name in sorted(names)},
    )


def render_statement(data: Collected) -> str:
    """Return the statement as Markdown."""
    kept = data.kept
    labelled = kept[kept["label"].notna()]
    largest = labelled["group_id"].value_counts(normalize=True).max() if len(labelled) else 0.0
    return render(
        "data_statement.md.j2",
        data=data,
        kept=kept,
        labelled=labelled,
        largest=largest,
        drawn=set(data.sources["kind"]) == {"drawn"},
        sources=source_rows(data, kept),
        classes=class_rows(data, kept),
        dates=date_rows(data.attribution),
        licences=licence_rows(data.attribution),
        simulated=sum(voter.name.startswith(SIMULATED) for voter in data.agreement.voters),
        rule=rule_sentence(data.params.labels.among(data.ballots.voters)),
        unvoted=int((votes_on(data.labels[data.labels["label"].notna()]) == 0).sum()),
        rounds=[
            [name, one.votes, one.faces, words.decimal(one.alpha)]
            for name, one in data.agreement.rounds.items()
        ],
        left_out=left_out_rows(data),
        splits=split_rows(data.splits),
    )


def source_rows(data: Collected, kept: pd.DataFrame) -> Rows:
    """Return what each source was asked for, and what came of it."""
    counts = kept.groupby("source_id").agg(faces=("face_id", "size"), labelled=("label", "count"))
    rows = data.sources.merge(data.acquired[["source_id", "scenes"]], on="source_id", how="left")
    rows = rows.merge(counts, left_on="source_id", right_index=True, how="left")
    rows["expression"] = rows["expression"].fillna(words.NONE)
    counted = ["scenes", "faces", "labelled"]
    rows[counted] = rows[counted].fillna(0).astype("int64")
    rows["target"] = public_targets(rows)
    names = ["source_id", "kind", "target", "expression", "limit", "scenes", "faces", "labelled"]
    return [list(row.values()) for row in rows[names].to_dict("records")]


def class_rows(data: Collected, kept: pd.DataFrame) -> Rows:
    """Return, for each class, the faces hoped for, first labelled, labelled, and the groups."""
    return [
        [
            name,
            int((kept["expression"] == name).sum()),
            int((kept["initial"] == name).sum()),
            int((kept["label"] == name).sum()),
            int(kept.loc[(kept["label"] == name).fillna(False), "group_id"].nunique()),
        ]
        for name in data.params.labels.expressions
    ]


def date_rows(attribution: pd.DataFrame) -> Rows:
    """Return the first and the last day on which each source's scenes were fetched."""
    known = attribution[attribution["fetched_at"] != UNKNOWN]
    days = known["fetched_at"].str[:10].groupby(known["source_id"], sort=False)
    ends = pd.DataFrame({"first": days.min(), "last": days.max()}).reset_index()
    return ends.to_numpy(object).tolist()


def licence_rows(attribution: pd.DataFrame) -> Rows:
    """Return licence, whether it may be passed on, scenes, faces and authors, the most faces first.

    Authors are counted and not named.
    """
    named = attribution.assign(author=attribution["author"].mask(attribution["author"] == UNKNOWN))
    counts = named.groupby(["licence", "may_be_passed_on"]).agg(
        scenes=("scene_id", "nunique"), faces=("face_id", "nunique"), authors=("author", "nunique")
    )
    rows = counts.reset_index().sort_values(["faces", "licence"], ascending=[False, True])
    return [list(row.values()) for row in rows.to_dict("records")]


def left_out_rows(data: Collected) -> Rows:
    """Return how many items and faces were left out, and why."""
    items = [("items", int(data.acquired[name].sum()), NOT_GOT[name]) for name in STATES]
    statuses = data.index["status"].value_counts()
    faces = [("faces", int(statuses.get(name, 0)), why) for name, why in DROPPED.items()]
    unlabelled = [
        ("faces", row["faces"], ": ".join(filter(None, [row["status"], row["reason"]])))
        for row in unlabelled_reasons(data.labels).to_dict("records")
    ]
    return [[what, number, why] for what, number, why in [*items, *faces, *unlabelled] if number]


def split_rows(splits: Mapping[str, pd.DataFrame]) -> Rows:
    """Return, for each split, the faces of its parts, its groups, and the leaks of val and test.

    A face leaks when its group is in the training part.
    """
    rows = []
    for name, split in splits.items():
        parts = {part: split[split["split"] == part] for part in SPLITS}
        leaks = (
            words.percent(leak(parts[part], split)) if len(parts[part]) else words.NONE
            for part in ("val", "test")
        )
        rows.append([name, *map(len, parts.values()), split["group_id"].nunique(), *leaks])
    return rows
