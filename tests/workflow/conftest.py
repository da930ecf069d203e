"""The tiny project, built once."""

import hashlib
import shutil

import pytest
from forked import make_environment
from running import kill_when, snakemake, write_project
from toy import Toy, write_toy


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The project, killed once in the middle and then built to the end; not to be changed."""
    folder = tmp_path_factory.mktemp("project")
    write_project(folder)
    kill_when(folder, "data/faces.csv")
    (folder / "killed.txt").write_text("\n".join(sorted(map(str, folder.rglob("data/**/*")))))
    assert snakemake(folder, "--unlock").returncode == 0
    done = snakemake(folder)
    assert done.returncode == 0, done.stdout
    (folder / "second.txt").write_text(done.stdout)
    return folder


@pytest.fixture
def project(built, tmp_path):
    """A copy of the built project that a test may change."""
    copy = tmp_path / "project"
    shutil.copytree(built, copy, copy_function=shutil.copy2)
    return copy


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """An environment whose `mien` is the stand-in."""
    folder = tmp_path_factory.mktemp("toy") / "environment"
    make_environment(folder)
    return folder


@pytest.fixture(scope="session")
def pushed(once, environment):
    """A toy project built, committed and pushed to a remote folder; not to be changed.

    Its branch `main` has the epochs 20 for the variant small, its branch `longer` has 40.
    """
    done = once("toy.done", lambda done: build_toy(done.with_name("toy"), environment, done))
    return Toy(done.with_name("toy") / "origin", environment)


def build_toy(place, environment, done):
    """Build the project `origin` and push it to `shelf`; pull its clone `pulled`."""
    shutil.rmtree(place, ignore_errors=True)  # of a worker that failed
    place.mkdir()
    write_toy(place / "origin")
    toy = Toy(place / "origin", environment)
    toy.run("git", "init", "--quiet")
    toy.run("dvc", "remote", "add", "--default", "--quiet", "shelf", str(place / "shelf"))
    toy.snakemake()
    toy.commit("main")
    toy.run("dvc", "push", "--quiet")
    toy.run("git", "checkout", "--quiet", "-b", "longer")
    toy.edit("params.yaml", "epochs: 20", "epochs: 40")
    toy.snakemake()
    toy.commit("longer")
    toy.run("dvc", "push", "--quiet")
    toy.run("git", "checkout", "--quiet", "main")
    toy.run("dvc", "checkout", "--quiet", "--force")
    clone = toy.at(place / "pulled")
    toy.run("git", "clone", "--quiet", str(toy.folder), str(clone.folder))
    clone.run("git", "fetch", "--quiet", "origin", "longer:longer")
    clone.run("dvc", "pull", "--quiet")
    clone.run("dvc", "fetch", "--quiet", "--all-branches")
    done.touch()


@pytest.fixture(scope="session")
def pulled(pushed):
    """A clone of the toy project on another machine, pulled and not used yet; not to be changed."""
    return pushed.at(pushed.folder.with_name("pulled"))


@pytest.fixture
def clone(pulled, tmp_path):
    """A pulled clone that a test may change."""
    shutil.copytree(pulled.folder, tmp_path / "clone", symlinks=True)
    yield pulled.at(tmp_path / "clone")
    check_cache(tmp_path / "clone")


@pytest.fixture
def origin(pushed, tmp_path):
    """The project where it was built, that a test may change."""
    shutil.copytree(pushed.folder, tmp_path / "origin", symlinks=True)
    yield pushed.at(tmp_path / "origin")
    check_cache(tmp_path / "origin")


def check_cache(folder):
    """Fail unless every object in DVC's cache hashes to its name."""
    objects = [path for path in (folder / ".dvc/cache/files/md5").rglob("*") if path.is_file()]
    assert len(objects) > 30
    for path in objects:
        name = path.parent.name + path.name.removesuffix(".dir")
        assert hashlib.md5(path.read_bytes()).hexdigest() == name
