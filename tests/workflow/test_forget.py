"""After `mien forget` Snakemake acquires and detects nothing again, and makes the rest anew."""

import forked
import pandas as pd
import pytest
from running import jobs_in, planned, snakemake, write_project

from mien.acquire.drawing.drawn import draw_source
from mien.images import encode_jpeg
from mien.shards import read_shard

pytestmark = pytest.mark.xdist_group("graph")


def forget(folder, *arguments, code=0):
    done = forked.run(["mien", "forget", *arguments], folder)
    assert done.returncode == code, done.stdout
    return done.stdout.splitlines()


def jobs_of(done):
    """Return the jobs that a run had, which must have succeeded."""
    assert done.returncode == 0, done.stdout
    return jobs_in(done.stdout)


def files_that_name(folder, *texts):
    """Return the files of the project, settings and logs aside, that hold any of the texts."""
    files = [
        path for path in folder.rglob("*") if path.is_file() and ".snakemake" not in path.parts
    ]
    return [p for p in files if any(text.encode() in p.read_bytes() for text in texts)]


def test_a_drawn_scene_is_forgotten_and_the_models_that_saw_it_are_named(project):
    face = pd.read_csv(project / "data/faces.csv", dtype="string").iloc[0]
    scene = read_shard(project / "data/scenes/glad.parquet", ["scene_id", "item_id"])
    item = scene.set_index("scene_id")["item_id"][face.scene_id]
    told = forget(project, "--face", face.face_id)
    split = pd.read_csv(project / "data/splits/consensus-grouped.csv", dtype="string")
    faces = pd.read_csv(project / "data/faces.csv", dtype="string")
    gone = split[split.face_id.isin(faces[faces.scene_id == face.scene_id].face_id)].split
    train, val = ((gone == part).sum() for part in ("train", "val"))
    seen = f"faces in training: {train}, in validation: {val}"
    assert f"saw it: models/small-yolo/seed-0: {seen}" in told
    assert f"saw it: models/small-resnet/seed-0: {seen}" in told
    jobs = planned(project)
    assert not {"draw", "detect"} & jobs.keys()
    assert jobs["index"] == jobs["train_yolo"] == jobs["train_resnet"] == 1
    jobs_of(snakemake(project, "dataset"))
    data = project / "data"
    assert files_that_name(data, face.scene_id, face.face_id, item) == []


@pytest.fixture
def folder(tmp_path):
    """A project of a folder of three pictures, one of them twice, up to the index of faces."""
    write_project(tmp_path / "project")
    (tmp_path / "pictures").mkdir()
    for number, scene in enumerate(draw_source("happy-5", 3)):
        picture = encode_jpeg(scene.image, 95)
        (tmp_path / f"pictures/ann-{number}.jpg").write_bytes(picture)
        (tmp_path / "pictures/bob.jpg").write_bytes(picture)  # that of the last
    (tmp_path / "project/data/sources.csv").write_text(
        f"source_id,kind,target,limit\nmine,folder,{tmp_path / 'pictures'},9\n"
    )
    done = snakemake(tmp_path / "project", "faces")
    assert done.returncode == 0, done.stdout
    return tmp_path / "project"


def test_a_file_of_a_folder_is_forgotten_until_its_owner_deletes_it(folder):
    told = forget(folder, "--item", "mine/bob.jpg")
    pictures = folder.parent / "pictures"
    assert f"your own file, left as it is: {pictures / 'bob.jpg'}" in told
    assert f"your own file, left as it is: {pictures / 'ann-2.jpg'}" in told  # the same picture
    assert jobs_of(snakemake(folder, "faces")) == {"index": 1}
    items = read_shard(folder / "data/scenes/mine.parquet", ["item_id"])["item_id"]
    assert list(items) == ["ann-0.jpg", "ann-1.jpg"]
    assert files_that_name(folder, "bob.jpg", "ann-2.jpg") == []
    (pictures / "bob.jpg").unlink()
    (pictures / "ann-2.jpg").unlink()
    remade = {"folder": 1, "detect": 1, "features": 1, "index": 1}
    assert jobs_of(snakemake(folder, "faces")) == remade
    assert files_that_name(folder, "bob.jpg", "ann-2.jpg") == []
