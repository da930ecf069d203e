"""What was withdrawn is deleted wherever it is here, and whatever cannot be is named."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from mien.acquire.downloads import Downloads, Outcome
from mien.acquire.listing import LISTING
from mien.acquire.scenes import Item, scene_row
from mien.acquire.tables import SCENES, SKIPPED, TRUTH, WITHDRAWN
from mien.cli import app
from mien.errors import MienError
from mien.faces.tables import CROPS, FACES, LANDMARKS
from mien.files import write_json
from mien.forget import ledgers
from mien.ids import face_id
from mien.labels.tables import labels as labels_table
from mien.ledger import VERSION, read_ledger
from mien.shards import read_shard, write_shard
from mien.tables import read_csv, write_csv
from mien.train.tables import SPLIT

pytestmark = pytest.mark.usefixtures("root")

PARAMS = Path(__file__).parents[2] / "params.yaml"
SOURCES = """\
source_id,kind,target,limit
mine,folder,pictures,9
birds,flickr,birds,99
more-birds,flickr,more birds,9
glad,drawn,happy-1,9
"""
BOX = {"x": 2, "y": 2, "width": 20, "height": 20}
ANN, ZOE = "ann (1@N0)", "Zoë (2@N0)"
EXPRESSIONS = ["angry", "happy", "neutral", "surprised"]


def picture(number):
    pixels = np.full((30, 40, 3), number, np.uint8)
    return cv2.imencode(".png", pixels)[1].tobytes()


def sha256(name):
    return hashlib.sha256(name.encode()).hexdigest()


def md5(path):
    return hashlib.md5(Path(path).read_bytes()).hexdigest()


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project as a run left it: four sources, a face in every scene, two runs of one variant."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(PARAMS, "params.yaml")
    Path("data/ballots").mkdir(parents=True)
    Path("data/sources.csv").write_text(SOURCES)
    Path("data/withdrawn.csv").write_text("what,sha256,withdrawn_at\n")
    items = {
        "mine": [Item(f"{name}.png", picture(n)) for n, name in enumerate(["a", "b", "c"])],
        "birds": [Item(str(n), picture(n), author=[ANN, ZOE][n % 2]) for n in range(100, 180)],
        "more-birds": [Item("104", picture(104), author=ANN), Item("9", picture(9), author=ZOE)],
        "glad": [Item(f"happy-1-{n}", picture(200 + n), author="cast") for n in range(3)],
    }
    faces = pd.concat([write_source(*source) for source in items.items()])
    skip = {"source_id": "mine", "item_id": "twin.png", "state": "repeated"}
    rows = pd.DataFrame([skip | {"reason": "the same file as b.png"}])
    write_csv(Path("data/skipped/mine.csv"), rows, SKIPPED)
    faces = faces.drop_duplicates("face_id")
    write_csv(Path("data/faces.csv"), faces, FACES)
    write_labels(faces)
    state = Downloads(Path("data/downloads/birds"))
    state.answer("page 1", lambda: {"total": 8, "photo": [found(n) for n in range(100, 108)]})
    for number in range(100, 108):
        (state.folder / f"{number}.jpg").write_bytes(picture(number))
        about = {"author": [ANN, ZOE][number % 2], "title": f"bird {number}"}
        state.keep(Outcome(str(number), "url", "fetched", file=f"{number}.jpg", about=about))
    state.keep(Outcome("99", "url", "gone", about={"author": ANN}))
    write_ledgers()
    return tmp_path


def found(number):
    """Return a photo as Flickr's search tells of it."""
    name, owner = re.fullmatch(r"(.*) \((.*)\)", [ANN, ZOE][number % 2]).groups()
    return {"id": str(number), "owner": owner, "ownername": name, "title": f"bird {number}"}


def write_source(source, items):
    scenes = [scene_row(item, source, n, 50) for n, item in enumerate(items)]
    columns = SCENES.with_metadata({LISTING: b"1234"}) if source == "mine" else SCENES
    write_shard(Path(f"data/scenes/{source}.parquet"), scenes, columns)
    found = [{"face_id": face_id(s["scene_id"], *BOX.values()), **BOX, **s} for s in scenes]
    rest = {"confidence": 1.0, "sharpness": 9.0, "phash": "0" * 16, **dict.fromkeys(LANDMARKS)}
    crops = [{**{name: face.get(name) for name in CROPS.names}, **rest} for face in found]
    write_shard(Path(f"data/faces/{source}.parquet"), crops, CROPS)
    write_csv(Path(f"data/skipped/{source}.csv"), pd.DataFrame(columns=[*SKIPPED.columns]), SKIPPED)
    if source == "glad":
        drawn = pd.DataFrame([{name: face[name] for name in ("scene_id", *BOX)} for face in found])
        drawn = drawn.assign(expression="happy", strength=1.0, person="p")
        write_csv(Path("data/truth/glad.csv"), drawn, TRUTH)
    index = pd.DataFrame([{name: face.get(name) for name in FACES.columns} for face in found])
    return index.assign(source_id=source, group_id=index["face_id"], status="kept")


def write_labels(faces):
    """Label the faces; every sixth is for the test, the next for validation."""
    labels = pd.DataFrame({"face_id": faces["face_id"].to_numpy()})
    labels["initial"] = labels["label"] = np.resize(np.repeat(EXPRESSIONS, 6), len(labels))
    numbers = {f"{kind}_{name}": 0 for kind in ("votes", "share", "named") for name in EXPRESSIONS}
    labels = labels.assign(yes=4, no=0, status="agreed", reason=pd.NA, tags=pd.NA, **numbers)
    write_csv(Path("data/labels.csv"), labels, labels_table(EXPRESSIONS))
    parts = np.resize(["test", "val", "train", "train", "train", "train"], len(labels))
    split = pd.DataFrame({"face_id": labels["face_id"], "group_id": labels["face_id"]})
    split = split.assign(split=parts, fold=pd.NA)
    write_csv(Path("data/splits/consensus-grouped.csv"), split, SPLIT)
    write_json(Path("models/yolov8n-64/seed-0/model.json"), {})


def write_ledgers():
    """Vouch for all that is here, as a run of Snakemake would."""
    acquired = [path for kind in ("scenes", "skipped", "truth") for path in files(f"data/{kind}")]
    acquire = {str(path): {"md5": md5(path), "inputs": {}, "record": {}} for path in acquired}
    faces = {}
    for path in [*files("data/faces"), Path("data/faces.csv")]:
        scenes = files("data/scenes") if path.suffix == ".csv" else [f"data/scenes/{path.name}"]
        inputs = {str(scene): md5(scene) for scene in scenes}
        faces[str(path)] = {"md5": md5(path), "inputs": inputs, "record": {"rule": "detect"}}
    for stage, outputs in {"acquire": acquire, "faces": faces}.items():
        Path("provenance").mkdir(exist_ok=True)
        content = {"version": VERSION, "outputs": outputs}
        Path(f"provenance/{stage}.json").write_text(json.dumps(content))


def files(folder):
    return sorted(Path(folder).iterdir())


def forget(*arguments):
    return CliRunner().invoke(app, ["forget", *arguments], catch_exceptions=False).output


def everything(folder):
    """Return what every file holds but the state of downloads, whose bytes vary."""
    paths = [path for path in folder.rglob("*") if path.is_file() and "sqlite" not in path.name]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(paths)}


def shards_and_tables(folder):
    """Return everything but the table of hashes, which tells when, and what a kill left of it.

    A half-written ledger may be left too: it holds hashes only.
    """
    left_out = ("data/withdrawn.csv", "data/.withdrawn-", "provenance/.")
    return {
        name: held for name, held in everything(folder).items() if not name.startswith(left_out)
    }


def items_of(source):
    return read_shard(Path(f"data/scenes/{source}.parquet"), ["item_id"])["item_id"].tolist()


def face_of(number):
    scene = scene_row(Item("", picture(number)), "", 0, 50)["scene_id"]
    return scene, face_id(scene, *BOX.values())


def test_an_item_goes_from_every_source_that_has_it():
    forget("--item", "104")
    assert items_of("birds") == [str(n) for n in range(100, 180) if n != 104]
    assert items_of("more-birds") == ["9"]
    scene, face = face_of(104)
    for source in ("birds", "more-birds"):
        crops = read_shard(Path(f"data/faces/{source}.parquet"), ["face_id", "scene_id"])
        assert not {scene, face} & set(crops.stack())
    held = read_csv(Path("data/withdrawn.csv"), WITHDRAWN)
    assert held[["what", "sha256"]].to_numpy().tolist() == [["item", sha256("104")]]


def test_what_stays_in_a_shard_stays_as_it_was():
    shards = ("data/scenes/birds.parquet", "data/faces/birds.parquet")
    before = {path: pq.read_table(path) for path in shards}
    forget("--item", "104")
    for path, table in before.items():
        after = pq.ParquetFile(path)
        assert after.read().equals(pa.concat_tables([table.slice(0, 4), table.slice(5)]))
        assert [after.metadata.row_group(n).num_rows for n in range(2)] == [63, 16]
    memory = Path(".mien/listings/mine.json")
    memory.parent.mkdir(parents=True)
    memory.write_text("a.png")
    forget("--item", "mine/a.png")
    assert not memory.exists()
    assert pq.read_schema("data/scenes/mine.parquet").metadata[LISTING] == b"1234"


def test_all_that_is_an_authors_goes():
    forget("--author", ZOE)
    assert items_of("birds") == [str(n) for n in range(100, 180, 2)]
    assert items_of("more-birds") == ["104"]


@pytest.mark.parametrize("option", ["--scene", "--face"])
def test_a_scene_and_a_face_lead_to_their_item(option):
    forget(option, face_of(104)[option == "--face"])
    assert "104" not in items_of("birds") + items_of("more-birds")


def test_a_file_goes_with_those_of_its_folder_that_hold_the_same_picture():
    Path("pictures").mkdir()
    Path("pictures/b.png").write_bytes(picture(1))
    told = forget("--item", "mine/b.png")
    hashes = set(read_csv(Path("data/withdrawn.csv"), WITHDRAWN)["sha256"])
    assert hashes == {sha256("mine/b.png"), sha256("mine/twin.png")}
    assert "your own file, left as it is: pictures/b.png" in told
    assert Path("pictures/b.png").exists()
    skipped = read_csv(Path("data/skipped/mine.csv"), SKIPPED)
    assert skipped["state"].tolist() == ["withdrawn", "withdrawn"]
    assert "twin" not in Path("data/skipped/mine.csv").read_text()


def test_the_truth_about_a_drawn_scene_goes():
    forget("--item", "happy-1-1")
    assert face_of(201)[0] not in Path("data/truth/glad.csv").read_text()
    assert len(read_csv(Path("data/truth/glad.csv"), TRUTH)) == 2


def test_what_was_downloaded_goes_and_is_not_asked_for_again():
    forget("--author", ANN)
    state = Downloads(Path("data/downloads/birds"))
    came = [path.stem for path in state.folder.glob("*.jpg")]
    assert sorted(came) == ["101", "103", "105", "107"]
    assert state.outcome("104", "another url", state.folder).state == "withdrawn"
    assert state.outcome("99", "url", state.folder).state == "withdrawn"
    assert state.outcome("105", "url", state.folder).state == "fetched"
    answer = state.answer("page 1", lambda: pytest.fail("asked again"))
    assert [photo["id"] for photo in answer["photo"] if photo] == ["101", "103", "105", "107"]
    del state  # closed, so that all is in the one file
    content = b"".join(path.read_bytes() for path in Path("data/downloads/birds").glob("state*"))
    assert ANN.encode() not in content
    assert b"bird 104" not in content


def test_the_files_of_a_video_go_unfinished_ones_too():
    Downloads(Path("data/downloads/birds")).keep(
        Outcome("film", "url", "fetched", file="0a1b.mp4", about={"author": "bob"})
    )
    listed = [{"item_id": "film", "url": "there"}, {"item_id": "other", "url": "elsewhere"}]
    Downloads(Path("data/downloads/birds")).answer("list", lambda: listed)
    Path("data/videos/birds").mkdir(parents=True)
    left, gone = Path("data/videos/birds/0c0d.mp4"), Path("data/videos/birds/0a1b.mp4")
    for path in (left, gone, gone.with_name("0a1b.mp4.part")):
        path.touch()
    forget("--author", "bob")
    assert files("data/videos/birds") == [left]
    rest = Downloads(Path("data/downloads/birds")).answer("list", lambda: None)
    assert rest[-1] == listed[1]
    assert listed[0] not in rest


def test_the_ledgers_vouch_for_the_new_shards_and_for_nothing_made_from_the_old():
    index = read_ledger(ledgers.FACES)["data/faces.csv"]
    forget("--item", "104", "--item", "happy-1-1")
    told = read_ledger(ledgers.ACQUIRE) | read_ledger(ledgers.FACES)
    assert all(entry["md5"] == md5(path) for path, entry in told.items())
    assert told["data/faces.csv"] == index
    scenes = "data/scenes/birds.parquet"
    assert told["data/faces/birds.parquet"]["inputs"] == {scenes: md5(scenes)}
    assert told["data/faces/birds.parquet"]["record"] == {"rule": "detect"}


def test_models_that_saw_it_and_ballots_on_it_are_named():
    split = read_csv(Path("data/splits/consensus-grouped.csv"), SPLIT).set_index("face_id")["split"]
    seen = next(n for n in range(106, 180) if split[face_of(n)[1]] == "val")
    Path("data/ballots/ada.csv").write_text(f"face_id,vote\n{face_of(seen)[1]},happy\n0,happy\n")
    told = forget("--item", str(seen)).splitlines()
    assert told[0] == "saw it: models/yolov8n-64/seed-0: faces in training: 0, in validation: 1"
    assert told[1] == "voted on it, left as it is: data/ballots/ada.csv, lines: 1"
    unseen = next(n for n in range(106, 180) if split[face_of(n)[1]] == "test")
    assert "saw it" not in forget("--item", str(unseen))


def test_a_face_that_another_source_still_shows_is_not_gone():
    item = Item("104b", picture(104), author=ZOE)
    write_source("more-birds", [item])
    write_ledgers()
    told = forget("--item", "104")
    assert "scenes: 1, faces: 0" in told
    assert face_of(104)[1] in Path("data/faces.csv").read_text()
    assert len(read_shard(Path("data/faces/more-birds.parquet"), ["face_id"])) == 1


def test_a_second_time_changes_nothing(root):
    forget("--item", "104")
    before = everything(root)
    forget("--item", "104")
    forget()
    assert everything(root) == before


def test_without_a_name_what_the_table_holds_is_deleted():
    with Path("data/withdrawn.csv").open("a") as withdrawn:
        withdrawn.write(f"item,{sha256('104')},2026-01-02T03:04:05Z\n")
    forget()
    assert "104" not in items_of("birds")


def test_what_killed_commands_left_half_written_goes_too():
    left = [Path("data/scenes/.birds-0a1b2c3d.parquet"), Path("data/downloads/birds/.104.jpg")]
    for path in left:
        path.write_bytes(picture(104))
    forget("--item", "104")
    assert not any(path.exists() for path in left)


def test_a_source_that_is_asked_for_no_more_is_searched_too():
    Path("data/sources.csv").write_text(SOURCES.replace("mine,folder,pictures,9\n", ""))
    forget("--item", "mine/a.png", "--item", "104")
    assert items_of("mine") == ["b.png", "c.png"]


def test_a_video_of_ones_own_that_is_asked_for_no_more_keeps_its_name():
    frames = [Item("me.mp4", picture(n), time_s=10.0 * n) for n in (250, 251)]
    columns = SCENES.with_metadata({LISTING: b"1234"})
    rows = [scene_row(frame, "film", n, 50) for n, frame in enumerate(frames)]
    write_shard(Path("data/scenes/film.parquet"), rows, columns)
    write_ledgers()
    forget("--item", "me.mp4")
    assert items_of("film") == []


@pytest.mark.parametrize(
    ("option", "name", "line"),
    [
        ("--item", "b.png", "there is no item 'b.png' here; did you mean 'mine/b.png'?"),
        ("--item", "zz", "there is no item 'zz' here; what an interrupted withdrawal left, "),
        ("--author", "ann", "there is no author 'ann' here"),
        ("--author", "unknown", "the author 'unknown' is nobody"),
        ("--face", "f" * 16, "there is no face 'ffffffffffffffff' here"),
        ("--scene", "f" * 16, "there is no scene 'ffffffffffffffff' here"),
    ],
)
def test_an_unknown_name_is_one_line_and_changes_nothing(root, option, name, line):
    before = everything(root)
    with pytest.raises(MienError) as error:
        forget("--item", "104", option, name)
    assert str(error.value).startswith(line)
    assert "\n" not in str(error.value)
    assert everything(root) == before


def test_beside_snakemake_it_refuses(root):
    Path(".snakemake/locks").mkdir(parents=True)
    Path(".snakemake/locks/0.input.lock").touch()
    before = everything(root)
    with pytest.raises(MienError, match="Snakemake holds this folder"):
        forget("--item", "104")
    assert everything(root) == before


def test_what_would_be_acquired_anew_stops_it_before_anything_changed(root):
    shard = Path("data/skipped/birds.csv")
    shard.write_text(shard.read_text() + "birds,1,gone,deleted\n")
    before = everything(root)
    with pytest.raises(MienError, match=r"data/skipped/birds.csv is not what provenance/acquire"):
        forget("--item", "104")
    assert everything(root) == before


def test_a_shard_that_is_not_here_is_to_be_pulled_first():
    Path("data/scenes/glad.parquet").unlink()
    with pytest.raises(
        MienError, match=r"data/scenes/glad.parquet is not here .* `dvc pull` first"
    ):
        forget("--item", "104")


class Killed(BaseException):
    pass


def killed_at(step, monkeypatch):
    """Let the step-th write or deletion be the end of the process."""
    left = [step]

    def dying(original):
        def call(*arguments, **options):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return original(*arguments, **options)

        return call

    for owner, name in [(Path, "replace"), (Path, "unlink"), (Downloads, "keep")]:
        monkeypatch.setattr(owner, name, dying(getattr(owner, name)))


def test_wherever_it_is_interrupted_the_same_line_finishes_it(root, monkeypatch):
    line = ["--scene", face_of(104)[0], "--item", "mine/b.png"]
    start = root.with_name("start")
    shutil.copytree(root, start)
    forget(*line)
    whole = shards_and_tables(root)
    step = 0
    for step in range(100):
        folder = root.with_name(f"killed-{step}")
        shutil.copytree(start, folder)
        os.chdir(folder)
        with monkeypatch.context() as patch:
            killed_at(step, patch)
            try:
                forget(*line)
            except Killed:
                pass
            else:
                break
        with contextlib.suppress(MienError):  # all was done, and the scene is unknown
            forget(*line)
        assert shards_and_tables(folder) == whole, step
    assert step > 15


TWO_VERSIONS = """
import shutil
from dvc.repo import Repo

repo = Repo.init(no_scm=True)
repo.add(["data/scenes", "data/faces"])
shutil.copytree("later", "data", dirs_exist_ok=True)
repo.add(["data/scenes", "data/faces"])
"""


def cached(path):
    return f".dvc/cache/files/md5/{md5(path)[:2]}/{md5(path)[2:]}"


def test_objects_of_dvcs_cache_that_hold_it_are_named_those_of_the_past_too():
    sources, kinds = ("birds", "more-birds"), ("scenes", "faces")
    shards = [f"data/{kind}/{source}.parquet" for source in sources for kind in kinds]
    objects = {cached(path) for path in shards}
    shutil.copytree("data", "now")
    write_source("birds", [Item("104", picture(104), author=ANN)])
    write_ledgers()
    objects |= {cached(path) for path in shards[:2]}
    Path("data").rename("later")
    Path("now").rename("data")
    variables = {**os.environ, "DVC_NO_ANALYTICS": "1"}
    subprocess.run([sys.executable, "-c", TWO_VERSIONS], check=True, env=variables)
    told = forget("--item", "104").splitlines()
    start = "still holds it, in DVC's cache: "
    assert {line.removeprefix(start) for line in told if line.startswith(start)} == objects
