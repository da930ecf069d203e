"""A remote is named, can be reached with what is installed, and keeps its secrets."""

import pytest

from mien.doctor import remote
from mien.doctor.finding import Finding


@pytest.fixture
def default(configure):
    """Make an address the default remote."""

    def write(url: str) -> None:
        configure(f"[core]\n    remote = shelf\n['remote \"shelf\"']\n    url = {url}\n")

    return write


@pytest.mark.usefixtures("project")
def test_without_a_default_remote_the_line_that_adds_one_is_given():
    finding = remote.remote()
    assert finding.level == "note"
    assert finding.command.startswith("dvc remote add --default <name> ")


def test_a_default_remote_that_nobody_added_is_wrong(configure):
    configure("[core]\n    remote = shelf\n")
    assert remote.remote().text == "the default remote shelf has no address"


def test_a_folder_is_told_from_where_dvc_tells_it(project, default):
    default("../../shelf")
    shelf = project.parent / "shelf"
    missing = f"shelf: the folder {shelf} is not here; mount its disk, or make it"
    assert remote.remote() == Finding("wrong", missing, f"mkdir -p {shelf}")
    shelf.mkdir()
    assert remote.remote() == Finding("ok", f"shelf: the folder {shelf}")


def test_into_a_folder_that_is_read_only_nothing_can_be_pushed(project, default, monkeypatch):
    default(str(project))
    monkeypatch.setattr(remote.os, "access", lambda *_: False)
    assert remote.remote().level == "note"
    assert remote.remote().text.endswith("is read-only: nothing can be pushed")


@pytest.mark.parametrize(
    ("url", "package"),
    [
        ("s3://bucket/faces", "s3"),
        ("ssh://host/faces", "ssh"),
        ("gs://bucket", "gs"),
        ("azure://container", "azure"),
        ("webdavs://host/faces", "webdav"),
    ],
)
def test_a_kind_of_remote_needs_its_package(default, monkeypatch, url, package):
    default(url)
    monkeypatch.setattr(remote, "find_spec", lambda _: None)
    text = f"shelf: {url} needs the package dvc-{package}"
    assert remote.remote() == Finding("wrong", text, f"pip install 'dvc[{package}]'")
    monkeypatch.setattr(remote, "find_spec", {f"dvc_{package}": "there"}.get)
    assert remote.remote() == Finding("ok", f"shelf: {url}")


def test_every_kind_that_dvc_knows_is_known():
    from dvc_objects.fs import known_implementations

    assert set(remote.PACKAGES) == set(known_implementations) - {"local", "memory"}


def test_another_kind_is_wrong(default):
    default("ftp://host/faces")
    assert remote.remote().text.startswith("shelf: ftp://host/faces is of a kind that DVC does not")


def test_a_remote_within_another_is_of_the_other_kind(default, configure):
    configure("['remote \"base\"']\n    url = https://host\n", "config.local")
    default("remote://base/faces")
    assert remote.remote() == Finding("ok", "shelf: https://host/faces")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://bucket/a@b", "s3://bucket/a@b"),
        ("ssh://me@host:22/x", "ssh://me@host:22/x"),
        ("ssh://me:secret@host/x", "ssh://me:***@host/x"),
        ("ssh://me:sec/r@t@host/x", "ssh://me:***@host/x"),
        ("https://token@host/x", "https://***@host/x"),
        ("https://host/x?sig=secret", "https://host/x?***"),
    ],
)
def test_what_may_be_secret_in_an_address_is_masked(url, shown):
    assert remote.masked(url) == shown
