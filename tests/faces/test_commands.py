import contextlib
import shutil

import pytest
from running import ROOT
from typer.testing import CliRunner

from mien.cli import app
from mien.errors import TableError
from mien.faces.tables import CROPS, FACES
from mien.shards import count_rows, read_shard
from mien.tables import read_csv


def mien(*words):
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Two drawn sources of three scenes each, detected."""
    folder = tmp_path_factory.mktemp("project")
    sources = ["source_id,kind,target,limit,expression,group"]
    for name in ("happy-1", "video-1"):
        sources.append(f"{name},drawn,{name},3,{'happy' if name == 'happy-1' else ''},")
        scenes = folder / "data/scenes" / f"{name}.parquet"
        rest = ["--truth", folder / f"truth-{name}.csv", "--skipped", folder / f"skip-{name}.csv"]
        mien(
            *("acquire", "draw", "--target", name, "--limit", 3, "--source", name),
            *("--scenes", scenes, *rest),
        )
    (folder / "data/sources.csv").write_text("\n".join(sources) + "\n")
    (folder / "data/withdrawn.csv").write_text("what,sha256,withdrawn_at\n")
    shutil.copy(ROOT / "params.yaml", folder)
    with contextlib.chdir(folder):
        for name in ("happy-1", "video-1"):
            mien("faces", "detect", "--source", name)
    return folder


def index(project, name="faces.csv"):
    with contextlib.chdir(project):
        return mien("faces", "index", "--index", name)


def test_detect_writes_the_shard_as_declared(project):
    crops = read_shard(project / "data/faces/happy-1.parquet", CROPS.names)
    assert len(crops) >= 3
    assert (crops["confidence"] == 1).all()
    assert crops["phash"].str.fullmatch(r"[0-9a-f]{16}").all()


def test_index_lists_every_face_and_counts_them_on_stderr(project):
    told = index(project).stderr.splitlines()
    faces = read_csv(project / "faces.csv", FACES)
    happy, video = ((faces["source_id"] == name).sum() for name in ("happy-1", "video-1"))
    assert faces["source_id"].tolist() == ["happy-1"] * happy + ["video-1"] * video
    assert told[0] == (
        f"happy-1: {happy} kept, 0 duplicate, 0 too_small, 0 blurred, 0 withdrawn, 0 repeated"
    )
    assert f"warning: the group 'cast-video-1' holds {video} of {len(faces)} kept faces" in told


def test_the_same_index_has_the_same_bytes(project):
    index(project, name="one.csv")
    index(project, name="two.csv")
    assert (project / "one.csv").read_bytes() == (project / "two.csv").read_bytes()


def test_crops_of_other_scenes_are_named(project, tmp_path):
    shutil.copytree(project, tmp_path, dirs_exist_ok=True)
    crops = shutil.copy(
        project / "data/faces/video-1.parquet", tmp_path / "data/faces/happy-1.parquet"
    )
    with pytest.raises(TableError) as error:
        index(tmp_path)
    assert str(error.value) == (
        f"data/faces/happy-1.parquet: {count_rows(crops)} of its faces are from no scene of "
        "data/scenes/happy-1.parquet; delete it and run snakemake"
    )
