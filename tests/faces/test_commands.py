import pytest
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
        scenes = folder / "scenes" / f"{name}.parquet"
        rest = ["--truth", folder / f"truth-{name}.csv", "--skipped", folder / f"skip-{name}.csv"]
        mien(
            *("acquire", "draw", "--target", name, "--limit", 3, "--source", name),
            *("--scenes", scenes, *rest),
        )
        mien("faces", "detect", "--scenes", scenes, "--faces", folder / f"faces/{name}.parquet")
    (folder / "sources.csv").write_text("\n".join(sources) + "\n")
    (folder / "withdrawn.csv").write_text("what,sha256,withdrawn_at\n")
    return folder


def index(project, faces="faces", name="faces.csv"):
    return mien(
        *("faces", "index", "--sources", project / "sources.csv", "--scenes", project / "scenes"),
        *("--faces", project / faces, "--withdrawn", project / "withdrawn.csv"),
        *("--index", project / name),
    )


def test_detect_writes_the_shard_as_declared(project):
    crops = read_shard(project / "faces" / "happy-1.parquet", CROPS.names)
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


def test_crops_of_other_scenes_are_named(project):
    crops = project / "faces" / "video-1.parquet"
    wrong = project / "wrong" / "happy-1.parquet"
    wrong.parent.mkdir()
    wrong.write_bytes(crops.read_bytes())
    with pytest.raises(TableError) as error:
        index(project, faces="wrong")
    assert str(error.value) == (
        f"{wrong}: {count_rows(crops)} of its faces are from no scene of "
        f"{project / 'scenes' / 'happy-1.parquet'}; delete it and run snakemake"
    )
