"""The model card and the data statement say what the tables say, and obey no stranger."""

import re
from pathlib import Path, PurePath

import numpy as np
import pandas as pd
import pytest
import yaml
from bs4 import BeautifulSoup
from figures import metrics_of
from markdown_it import MarkdownIt
from report.documents import HOSTILE, RESNET, YOLO
from report.making import EXPRESSIONS, Project
from sklearn.metrics import precision_recall_fscore_support

from mien.evaluate.openings import hash_models
from mien.evaluate.tables import OPENINGS, SLICES
from mien.export.model import summary
from mien.files import read_json, write_json
from mien.report.card_results import class_rows
from mien.report.markdown import table, text
from mien.tables import write_csv


def card_of(root, variant):
    """Return the card as the command writes it."""
    words = ("report", "card", "--variant", variant, "--card")
    return Project(root).write(f"metrics/cards/{variant}.md", *words)


def statement_of(root):
    return Project(root).write("metrics/data_statement.md", "report", "statement", "--statement")


@pytest.fixture(scope="module")
def card(documented):
    return card_of(documented, YOLO)


@pytest.fixture(scope="module")
def statement(documented):
    return statement_of(documented)


@pytest.fixture
def copy(documented, project, tmp_path):
    """The documented project, that a test may change."""
    return type(project)(documented).copy(tmp_path / "copy").root


def soup_of(document):
    """Return the document as a renderer that lets HTML through shows it."""
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(document)
    return BeautifulSoup(html, "html.parser")


def rows_of(document, *headings):
    """Return the rows of the table with these first headings, each cell as text."""
    for found in soup_of(document).find_all("table"):
        head, *rows = ([cell.text for cell in row.find_all(["th", "td"])] for row in found("tr"))
        if head[: len(headings)] == list(headings):
            return rows
    raise AssertionError(f"no table begins with {headings}")


def read(root, name):
    return pd.read_csv(root / name, dtype={"face_id": str}, keep_default_na=True)


def labelled(root):
    """Return the labelled faces with their split, group, label and source."""
    split, labels = read(root, "data/splits/consensus-grouped.csv"), read(root, "data/labels.csv")
    index = read(root, "data/faces.csv")[["face_id", "source_id"]]
    return split.merge(labels[["face_id", "label"]]).merge(index)


def test_a_card_counts_the_faces_of_each_class_and_the_groups_of_each_part(card, documented):
    faces = labelled(documented)
    counts = pd.crosstab(faces["label"], faces["split"])[["train", "val", "test"]]
    groups = [faces.loc[faces["split"] == part, "group_id"].nunique() for part in counts]
    rows = {name: [int(cell) for cell in row] for name, *row in rows_of(card, "class", "train")}
    assert rows == {
        **{name: counts.loc[name].tolist() for name in EXPRESSIONS},
        "all faces": counts.sum().tolist(),
        "groups": groups,
    }


def test_a_card_names_the_sources_of_what_was_trained_on_and_validated(card, documented):
    faces = labelled(documented)
    seen = faces[faces["split"] != "test"]
    rows = {row[0]: (row[1], int(row[3]), int(row[4])) for row in rows_of(card, "source", "kind")}
    assert {name: row[1:] for name, row in rows.items()} == {
        name: (len(own), own["group_id"].nunique()) for name, own in seen.groupby("source_id")
    }
    assert rows["odd"][0] == "folder"


def test_a_card_counts_licences_and_names_no_author(card, documented):
    seen = labelled(documented)
    seen = seen[seen["split"] != "test"]
    table_ = read(documented, "metrics/attribution.csv")
    own = table_[table_["face_id"].isin(seen["face_id"])]
    counts = own.groupby(["licence", "may_be_passed_on"])["face_id"].nunique()
    rows = rows_of(card, "licence", "may be passed on")
    assert {(row[0], row[1]): int(row[3]) for row in rows} == counts.to_dict()
    assert not [name for name in table_["author"].unique() if name in card]


def test_a_card_gives_the_figures_of_the_summary(card, documented):
    summary = read_json(documented / "metrics/summary.json")
    row = next(row for row in summary["variants"] if row["variant"] == YOLO)
    low, high = 100 * row["accuracy_low"], 100 * row["accuracy_high"]
    assert rows_of(card, "", "all classes") == [
        ["accuracy", f"{100 * row['accuracy']:.1f} %"],
        ["its interval", f"95 % interval {low:.1f} to {high:.1f} %"],
        ["macro F1", f"{row['macro_f1']:.3f}"],
        ["log loss", f"{row['log_loss']:.3f}"],
        ["calibration error", f"{row['calibration_error']:.3f}"],
    ]
    assert (
        f"On {row['faces']} faces that it was not trained on, of {row['groups']} groups, in"
        in " ".join(card.split())
    )


@pytest.mark.parametrize("variant", [YOLO, RESNET])
def test_a_card_scores_each_class_over_all_runs(documented, variant):
    paths = sorted(documented.glob(f"metrics/runs/{variant}/*/predictions.csv"))
    asked = pd.concat(map(pd.read_csv, paths))
    scores = precision_recall_fscore_support(
        asked["actual"], asked["predicted"], labels=EXPRESSIONS, zero_division=np.nan
    )
    rows = rows_of(card_of(documented, variant), "class", "faces", "precision")
    for row, precision, recall, f1, support in zip(rows, *scores, strict=True):
        assert row[1] == str(support // len(paths))
        assert row[2:4] == [f"{100 * share:.1f} %" for share in (precision, recall)]
        assert row[4] == "74.3 to 96.9 %"  # of the share that is wrong, 3.1 to 25.7 %
        assert row[5] == f"{f1:.3f}"


def test_faces_of_several_folds_add_up_and_those_of_several_seeds_do_not():
    fold = metrics_of(confusion=[[3, 1], [0, 6]])
    none = pd.DataFrame(columns=list(SLICES.columns))
    assert [row[1] for row in class_rows([fold, fold], 1, none)] == [8, 12]
    assert [row[1] for row in class_rows([fold, fold], 2, none)] == [4, 6]
    assert class_rows([fold], 1, none)[0][2:] == ["100.0\u202f%", "75.0\u202f%", "–", "0.857"]


def test_a_card_shows_its_own_slices_and_names_no_group(card):
    assert rows_of(card, "slice", "value") == [
        ["size", "40 to 63", "40", "9", "12.5 %", "3.1 to 25.7 %"]
    ]
    words = " ".join(card.split())
    assert "In the worst group with enough faces it is wrong on 12.5 % of them." in words
    assert "Zoë" not in card
    assert "Ann" not in card


def test_a_card_tells_the_temperature_and_the_threshold_of_each_run(card, documented):
    metrics = read_json(documented / f"metrics/runs/{YOLO}/seed-0/metrics.json")
    before = [f"{metrics[name]:.3f}" for name in ("log_loss", "calibration_error")]
    assert rows_of(card, "run", "log loss") == [["seed-0", *before, "1.57", "0.411", "0.022"]]
    faces = metrics["faces"]
    answered = f"82.3 % ({round(0.823 * faces)} of {faces})"
    assert rows_of(card, "run", "threshold") == [["seed-0", "0.710", answered, "90.5 %"]]
    words = " ".join(card.split())
    assert "seed-0 is sure from a probability of 71 % on, which" in words
    assert "guesses" not in words


def test_a_card_says_when_a_run_is_sure_of_nothing_also_where_an_export_takes_it_along(documented):
    card = card_of(documented, RESNET)
    faces = read_json(documented / f"metrics/runs/{RESNET}/seed-0/metrics.json")["faces"]
    assert rows_of(card, "run", "threshold") == [
        [name, "none", f"0.0 % (0 of {faces})", "–"] for name in ("seed-0", "seed-1")
    ]
    sentence = "At no threshold are 90 % of the answers of seed-0 and seed-1 right, so exported"
    assert sentence in " ".join(summary(documented / f"metrics/cards/{RESNET}.md").split())
    assert "seed-1 is sure of nothing, since at no threshold" in " ".join(card.split())


def opening(number, variant, sha256, **figures):
    line = {"opened_at": f"2026-01-0{number}T03:04:05Z", "variant": variant, "runs": 1}
    line |= {"split": "consensus-grouped", "model_sha256": sha256, "faces": 61, "groups": 22}
    return line | dict.fromkeys(list(OPENINGS.columns)[7:12]) | {"opening": number} | figures


def test_a_card_tells_every_opening_of_its_test_part_and_of_which_model_it_was(copy):
    sha256 = hash_models([copy / f"models/{YOLO}/seed-0/model.pt"])
    figures = {"accuracy": 0.9, "macro_f1": 0.88, "log_loss": 0.3}
    interval = {"accuracy_low": 0.81, "accuracy_high": 0.955}
    lines = [
        opening(1, YOLO, "0" * 64, **figures),
        opening(2, RESNET, "1" * 64, **figures, **interval),
        opening(3, YOLO, sha256),
        opening(4, YOLO, sha256, **figures, **interval),
        opening(1, YOLO, sha256, **figures) | {"split": "consensus-paper-20-4-1"},
    ]
    write_csv(copy / "data/test_openings.csv", pd.DataFrame(lines), OPENINGS)
    document = card_of(copy, YOLO)
    assert "was opened 4 times" in document
    on = "61 faces, 22 groups"
    assert rows_of(document, "opening", "when") == [
        ["1", "2026-01-01T03:04:05Z", "an earlier one of this variant", on, "90.0 %", "–", "0.880", "0.300"],
        ["2", "2026-01-02T03:04:05Z", RESNET, on, "90.0 %", "81.0 to 95.5 %", "0.880", "0.300"],
        ["3", "2026-01-03T03:04:05Z", "this model", on, "interrupted", "–", "–", "–"],
        ["4", "2026-01-04T03:04:05Z", "this model", on, "90.0 %", "81.0 to 95.5 %", "0.880", "0.300"],
    ]  # fmt: skip


def test_a_card_says_that_its_test_part_was_never_opened_or_is_none(card, copy):
    faces = labelled(copy)
    test = faces[faces["split"] == "test"]
    size = f"{len(test)} faces in {test['group_id'].nunique()} groups"
    assert f"The test part of consensus-grouped, {size}, was never opened." in card
    split = copy / "data/splits/consensus-grouped.csv"
    split.write_text(split.read_text().replace(",test,", ",train,"))
    assert "keeps no test part" in card_of(copy, YOLO)


def test_a_card_quotes_the_law_and_the_licences(card, documented):
    words = " ".join(card.split())
    assert "article 5(1)(f) forbids" in words
    assert "annex III, point 1(c)" in words
    assert "article 50(3)" in words
    assert rows_of(card, "part", "licence") == [
        ["mien 0.0", "AGPL-3.0-only"],
        ["ultralytics 2.0", "AGPL-3.0"],
        ["torch 1.0", "BSD-3-Clause"],
    ]
    assert ["keras 1.0", "Apache-2.0"] in rows_of(card_of(documented, RESNET), "part", "licence")


def test_a_card_warns_of_few_groups_of_leaks_of_one_seed_and_of_classes_it_lacks(copy):
    content = yaml.safe_load((copy / "params.yaml").read_text())
    content["variants"][YOLO] |= {"labels": "initial", "classes": ["angry", "happy", "neutral"]}
    (copy / "params.yaml").write_text(yaml.safe_dump(content))
    summary = read_json(copy / "metrics/summary.json")
    for row in summary["variants"]:
        row |= {"leak": 0.25, "reliable": False, "groups": 12}
    write_json(copy / "metrics/summary.json", summary)
    (copy / "data/splits/initial-grouped.csv").write_text(
        (copy / "data/splits/consensus-grouped.csv").read_text()
    )
    words = " ".join(card_of(copy, YOLO).split())
    for sentence in (
        "it rests on 12 groups",
        "25.0 % of the faces it was checked on are of a group that it was trained on",
        "It has one seed",
        "It was never shown surprised",
        "first labels, which no second vote reviewed",
    ):
        assert sentence in words, sentence
    assert "one seed" not in card_of(copy, RESNET)


def test_a_statement_counts_what_each_source_and_class_gave(statement, documented):
    index, labels = read(documented, "data/faces.csv"), read(documented, "data/labels.csv")
    acquired = read(documented, "metrics/acquired.csv").set_index("source_id")
    kept = index[index["status"] == "kept"].merge(labels[["face_id", "initial", "label"]])
    rows = {row[0]: [int(cell) for cell in row[4:]] for row in rows_of(statement, "source", "kind")}
    assert list(rows) == acquired.index.tolist()
    for name, row in rows.items():
        own = kept[kept["source_id"] == name]
        got = acquired.loc[name, "scenes"]
        assert row == [acquired.loc[name, "limit"], got, len(own), own["label"].notna().sum()]
    for name, *row in rows_of(statement, "class"):
        own = kept[kept["label"] == name]
        counts = [(kept[column] == name).sum() for column in ("expression", "initial")]
        assert [int(cell) for cell in row] == [*counts, len(own), own["group_id"].nunique()]


def test_a_statement_counts_licences_authors_and_days(statement, documented, copy):
    rows = rows_of(statement, "licence", "may be passed on")
    attributed = read(documented, "metrics/attribution.csv")
    for licence, passed, scenes, faces, authors in rows:
        own = attributed[
            attributed["licence"].eq(licence) & attributed["may_be_passed_on"].eq(passed)
        ]
        assert int(scenes) == own["scene_id"].nunique()
        assert int(faces) == own["face_id"].nunique()
        assert int(authors) == own["author"].nunique()
    assert "When it was fetched is not known" in statement
    days = attributed["source_id"].map({"odd": "2026-02-03T04:05:06Z"}).fillna("unknown")
    days.iloc[-1] = "2026-03-01T00:00:00Z"
    assert attributed["source_id"].iloc[-1] == "odd"
    attributed.assign(fetched_at=days).to_csv(copy / "metrics/attribution.csv", index=False)
    assert rows_of(statement_of(copy), "source", "first") == [["odd", "2026-02-03", "2026-03-01"]]


def test_a_statement_tells_of_the_vote_and_names_no_voter(statement, documented):
    assert rows_of(statement, "round") == [
        ["label", "640", "320", "0.712"],
        ["review", "0", "0", "–"],
    ]
    words = " ".join(statement.split())
    assert "4 voters, none of them simulated" in words
    assert "cast 1,204 ballots, of which 1,144 count" in words
    assert "more than half of 4 voters say yes" in words
    assert "Nobody voted" not in words
    voters = [voter["name"] for voter in read_json(documented / "metrics/agreement.json")["voters"]]
    assert not [name for name in voters if re.search(rf"\b{re.escape(name)}\b", statement)]


def test_a_statement_tells_the_quorum_that_held_where_it_follows_from_who_voted(copy):
    content = yaml.safe_load((copy / "params.yaml").read_text())
    content["labels"]["voters"] = None
    (copy / "params.yaml").write_text(yaml.safe_dump(content))
    write_json(
        copy / "metrics/ballots.json", read_json(copy / "metrics/ballots.json") | {"voters": 2}
    )
    words = " ".join(statement_of(copy).split())
    assert "more than half of 2 voters say yes to it. A face with fewer votes than 2 keeps" in words


def test_a_statement_says_how_many_labels_nobody_voted_for_and_how_many_voters_are_no_people(copy):
    labels = read(copy, "data/labels.csv")
    first = labels.index[labels["label"].notna()][:3]
    labels.loc[first, [name for name in labels if name.startswith("votes_")] + ["yes", "no"]] = 0
    labels.to_csv(copy / "data/labels.csv", index=False)
    agreement = read_json(copy / "metrics/agreement.json")
    agreement["voters"][0]["name"] = "simulated-1"
    write_json(copy / "metrics/agreement.json", agreement)
    words = " ".join(statement_of(copy).split())
    assert "Nobody voted on 3 of the labelled faces" in words
    assert "4 voters, 1 of them simulated" in words


def test_a_statement_says_what_was_left_out_and_why(statement, documented):
    rows = {(row[0], row[2]): int(row[1]) for row in rows_of(statement, "what", "number")}
    statuses = read(documented, "data/faces.csv")["status"].value_counts()
    labels = read(documented, "data/labels.csv")
    without = labels[labels["label"].isna()]
    assert rows["faces", "shows what another face shows"] == statuses["duplicate"]
    assert rows["faces", "its box is too small"] == statuses["too_small"]
    assert rows["items", "what came cannot be used"] == 6
    reasons = without.groupby(["status", "reason"]).size()
    for (status, reason), number in reasons.items():
        assert rows["faces", f"{status}: {reason}"] == number


def test_a_statement_gives_the_parts_and_leaks_of_every_split(copy):
    split = read(copy, "data/splits/consensus-grouped.csv")
    parts = [int((split["split"] == part).sum()) for part in ("train", "val", "test")]
    groups = split["group_id"].nunique()
    row = ["consensus-grouped", *map(str, parts), str(groups), "0.0 %", "0.0 %"]
    assert rows_of(statement_of(copy), "split") == [row]
    turned = split.assign(split=np.where(split["split"] == "test", "train", split["split"]))
    first = turned.index[turned["split"] == "val"][0]
    group = turned.loc[first, "group_id"]
    turned.loc[first, "split"] = "train"
    turned.to_csv(copy / "data/splits/consensus-grouped.csv", index=False)
    val = turned[turned["split"] == "val"]
    leaks = (val["group_id"] == group).mean()
    assert rows_of(statement_of(copy), "split")[0][-2:] == [f"{100 * leaks:.1f} %", "–"]


def test_no_stranger_breaks_a_table_or_puts_in_html(card, statement):
    for document in (card, statement):
        soup = soup_of(document)
        assert not soup.find_all(
            ["script", "img", "strong", "code"], string=re.compile("alert|^b$")
        )
        assert {a["href"] for a in soup.find_all("a")} <= {"../data_statement.md"}
        assert "c" not in [heading.text for heading in soup.find_all("h1")]
        for found in soup.find_all("table"):
            widths = {len(row.find_all(["th", "td"])) for row in found.find_all("tr")}
            assert len(widths) == 1
        (row,) = (row for row in rows_of(document, "source", "kind") if row[0] == "odd")
        assert row[2] == " ".join(PurePath(HOSTILE).name.split())


def test_nothing_missing_is_printed_and_tables_are_aligned(card, statement, documented):
    for document in (card, statement, card_of(documented, RESNET)):
        assert not re.search(r"\b(None|nan|NaN|NaT)\b|<NA>|Undefined|\{\{|\}\}", document)
        assert "emotion" not in statement
        for block in re.findall(r"(?:^\|.*\n)+", document, re.M):
            assert len({len(line) for line in block.splitlines()}) == 1
    for missing in (None, np.nan, pd.NA):
        with pytest.raises(ValueError, match="missing"):
            text(missing)


def test_numbers_stand_to_the_right_and_words_to_the_left():
    assert str(table(["name", "n"], [["a|b", 1200], ["é", "–"]])) == (
        "| name     |    n |\n| -------- | ---: |\n| a&#124;b | 1200 |\n| é        |    – |"
    )


def test_equal_tables_give_equal_documents_in_another_process(documented, card, statement, copy):
    words = ("report", "statement", "--statement", "metrics/data_statement.md")
    Project(copy).write_elsewhere(*words)
    assert (copy / "metrics/data_statement.md").read_text() == statement
    assert card_of(copy, YOLO) == card
    assert Path(documented, "metrics/cards").is_dir()
