"""Folders of the user's own in the real graph: what their files hold decides, and nothing else."""

import os
import shutil

import numpy as np
import pytest
import yaml
from forked import make_environment
from toy import Toy, write_toy

from mien.images import encode_png

SHARD = "data/scenes/mine.parquet"
EARLIER = """

def hash_of(held):
    sizes = (os.stat(os.path.join(os.environ["PICTURES"], name)).st_size for name in sorted(held))
    lines = "".join(f"{name} {size}\\n" for name, size in zip(sorted(held), sizes, strict=True))
    return hashlib.sha256(lines.encode()).hexdigest()
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("folders") / "environment"
    make_environment(folder, None)
    return folder


@pytest.fixture
def pictures(tmp_path):
    """A folder of two pictures, and more that no run may stumble over."""
    folder = tmp_path / "pictures"
    (folder / "a").mkdir(parents=True)
    (folder / "one.png").write_bytes(picture(1))
    (folder / os.fsdecode(b"M\xfcller.png")).write_bytes(picture(2))
    (folder / "notes.txt").write_text("buy milk")
    (folder / "a" / "up").symlink_to("..")
    os.mkfifo(folder / "pipe.jpg")
    return folder


@pytest.fixture
def project(tmp_path, environment, pictures):
    folder = tmp_path / "project"
    write_toy(folder)
    (folder / "data/sources.csv").write_text(
        f"source_id,kind,target,limit\nmine,folder,{pictures},9\n"
    )
    (folder / "data/ballots/ada.csv").unlink()
    params = yaml.safe_load((folder / "params.yaml").read_text())
    del params["variants"]["large"]  # it asks for a file that is nowhere
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    return Toy(folder, environment)


def picture(seed):
    return encode_png(np.random.default_rng(seed).integers(0, 255, (9, 9, 3)).astype(np.uint8))


def test_a_picture_edited_in_place_is_taken_anew_and_a_missing_folder_asks_for_nothing(
    project, pictures
):
    project.snakemake(SHARD)
    path, other = pictures / "one.png", picture(3)
    before, size, time_ns = path.read_bytes(), path.stat().st_size, path.stat().st_mtime_ns
    for content, jobs in ((other, {"folder": 1}), (before, {})):
        path.write_bytes(content)
        os.utime(path, ns=(time_ns, time_ns))
        assert path.stat().st_size == size
        assert project.planned(SHARD) == jobs
    path.write_bytes(other)
    project.snakemake(SHARD)
    assert project.planned(SHARD) == {}
    shutil.rmtree(pictures)
    shutil.rmtree(project.folder / ".mien")
    assert project.planned(SHARD) == {}


def test_what_an_earlier_mien_took_from_a_folder_is_not_taken_anew(project, pictures):
    (pictures / os.fsdecode(b"M\xfcller.png")).unlink()  # at which that one stopped
    (pictures / "pipe.jpg").unlink()
    (pictures / "a" / "up").unlink()
    code = project.folder / "src/mien/acquire/listing.py"
    today = code.read_text()
    code.write_text(today + EARLIER)
    project.snakemake(SHARD, PICTURES=str(pictures))
    code.write_text(today)
    assert project.planned(SHARD) == {}
    project.snakemake("--forcerun", "folder", "--", SHARD)
    assert project.planned(SHARD) == {}
    (pictures / "one.png").write_bytes(picture(3))
    assert project.planned(SHARD) == {"folder": 1}
    project.snakemake(SHARD)
    assert project.planned(SHARD) == {}
