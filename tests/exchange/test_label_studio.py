"""Tasks as Label Studio imports them, annotations as it exports them."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from mien.errors import ParamsError, TableError
from mien.exchange.label_studio import config, read_export, task

EXPRESSIONS = ["angry", "happy", "neutral", "surprised"]


def annotation(choice, who=7, **others):
    result = [
        {
            "id": "AbC",
            "from_name": "expression",
            "to_name": "face",
            "type": "choices",
            "origin": "manual",
            "value": {"choices": [choice]},
        }
    ]
    times = {"created_at": "2024-05-17T14:03:00.5Z", "updated_at": "2024-05-17T15:03:00.728378Z"}
    return {"id": 1, "completed_by": who, "result": result, "was_cancelled": False} | times | others


@pytest.fixture
def exported(tmp_path, monkeypatch):
    """Read an export of one task a list of annotations, of faces f1, f2 and so on."""
    monkeypatch.chdir(tmp_path)

    def read(*annotations, content=None):
        tasks = [
            {
                "id": number,
                "data": {"image": "/data/x", "face_id": f"f{number}"},
                "annotations": given,
            }
            for number, given in enumerate(annotations, start=1)
        ]
        text = content if isinstance(content, str) else json.dumps(content or tasks)
        Path("export.json").write_text(text)
        return read_export(Path("export.json"), EXPRESSIONS)

    return read


def refusal(read, *annotations, **options):
    with pytest.raises(TableError) as caught:
        read(*annotations, **options)
    return str(caught.value)


def test_the_page_offers_every_answer_of_round_one_and_tasks_fit_it():
    page = ET.fromstring(config(EXPRESSIONS))
    image, choices = page.find("Image"), page.find("Choices")
    offered = [choice.get("value") for choice in choices]
    assert offered == [*EXPRESSIONS, "unsure", "not_a_face", "artificial"]
    made = task("f1", "my faces/crops/f1.png", "happy")
    assert made["data"] == {
        "image": "/data/local-files/?d=my%20faces/crops/f1.png",
        "face_id": "f1",
    }
    (proposed,) = made["predictions"][0]["result"]
    assert image.get("value") == "$image"
    assert (proposed["from_name"], proposed["to_name"]) == (choices.get("name"), image.get("name"))
    assert choices.get("toName") == image.get("name")
    assert proposed["value"] == {"choices": ["happy"]}


def test_a_face_without_a_label_has_no_prediction():
    assert "predictions" not in task("f1", "out/crops/f1.png", None)


def test_each_annotator_is_a_voter_at_the_time_of_the_last_change(exported):
    answers = exported(
        [annotation("happy"), annotation("unsure", {"id": 12, "email": "ada@example.org"})],
        [annotation("angry", "Ada.L@example.org")],
    )
    assert answers.votes.to_numpy().tolist() == [
        ["f1", "labelstudio-7", "happy", "2024-05-17T15:03:00.728Z"],
        ["f1", "labelstudio-12", "unsure", "2024-05-17T15:03:00.728Z"],
        ["f2", "labelstudio-ada-l-example-org", "angry", "2024-05-17T15:03:00.728Z"],
    ]


def test_skipped_and_empty_annotations_are_counted(exported):
    answers = exported(
        [annotation("happy", was_cancelled=True)], [annotation("happy", result=[])], []
    )
    assert (len(answers.votes), answers.skipped, answers.empty) == (0, 1, 1)


def renamed(choice, name, *others):
    """An annotation whose choice is called `name`, with other parts of the page."""
    given = annotation(choice)
    given["result"][0]["from_name"] = name
    given["result"] += others
    return given


def test_the_choice_may_have_any_name(exported):
    comment = {"from_name": "note", "to_name": "face", "type": "textarea", "value": {"text": ["x"]}}
    stars = {"from_name": "sure", "to_name": "face", "type": "rating", "value": {"rating": 3}}
    answers = exported([renamed("happy", "mood", comment)], [renamed("angry", "mood", stars)])
    assert answers.votes["vote"].tolist() == ["happy", "angry"]


def test_of_several_choices_the_one_with_our_name_counts(exported):
    other = {
        "from_name": "light",
        "to_name": "face",
        "type": "choices",
        "value": {"choices": ["dim"]},
    }
    answers = exported([renamed("happy", "expression", other)], [annotation("angry")])
    assert answers.votes["vote"].tolist() == ["happy", "angry"]


def test_several_choices_of_other_names_are_refused(exported):
    message = refusal(exported, [renamed("happy", "mood")], [renamed("angry", "light")])
    assert message == (
        "export.json: the project asks for several choices, 'mood', 'light'; name the one of the "
        "expression 'expression' in its configuration and export it again"
    )


def test_an_export_that_is_a_folder_is_refused(tmp_path):
    with pytest.raises(TableError, match="the file cannot be read: Is a directory"):
        read_export(tmp_path, EXPRESSIONS)


HOW = "export the project from Label Studio as JSON, not as JSON-MIN or CSV"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,image\n", f"export.json: not JSON; {HOW}"),
        ('{"tasks": []}', f"export.json: no list of tasks; {HOW}"),
        (
            [{"id": 1, "image": "x", "expression": "happy"}],
            f"export.json, task 1: there are no annotations; {HOW}",
        ),
        (
            [{"id": 1, "data": {"image": "x"}, "annotations": []}],
            "export.json, task 1: data.face_id is missing; "
            "tasks of `mien labels export label-studio` have it",
        ),
        ([1], f"export.json, task 1: there are no annotations; {HOW}"),
        (
            [{"data": {"face_id": "f1"}, "annotations": ["x"]}],
            f"export.json, task 1: an annotation is no object; {HOW}",
        ),
    ],
)
def test_a_foreign_file_is_refused_with_one_line(exported, content, message):
    assert refusal(exported, content=content) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"result": [{"from_name": "label", "value": {"choices": ["happy"]}}]},
            f"an annotation is not one choice of 'expression' with its time; {HOW}",
        ),
        (
            {"result": [{"from_name": "expression", "value": {"choices": ["happy", "angry"]}}]},
            f"an annotation is not one choice of 'expression' with its time; {HOW}",
        ),
        (
            {"updated_at": "yesterday"},
            f"an annotation is not one choice of 'expression' with its time; {HOW}",
        ),
        ({"completed_by": None}, "completed_by is None; it must be an id or an address"),
    ],
)
def test_an_annotation_that_is_no_answer_is_refused_with_its_task(exported, changes, message):
    assert refusal(exported, [annotation("happy", **changes)]) == f"export.json, task 1: {message}"


def test_a_choice_that_is_no_answer_is_refused_with_the_nearest(exported):
    message = refusal(exported, [], [annotation("hapy")])
    assert message == "export.json, task 2: the choice is 'hapy'; did you mean 'happy'?"


def test_an_address_too_long_for_a_file_is_refused(exported):
    with pytest.raises(ParamsError, match="no voter's name"):
        exported([annotation("happy", f"{'a' * 40}@example.org")])
