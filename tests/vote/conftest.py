"""A folder with faces to vote on, and a server at work in a copy of it."""

import pytest
from labels.making import cast, make_faces, make_params  # noqa: F401
from voting import Booth, write_project


@pytest.fixture(scope="session")
def voting_project(tmp_path_factory):
    """A folder with 200 faces to vote on, made once; nothing writes in it."""
    folder = tmp_path_factory.mktemp("voting")
    write_project(folder, 200, {})
    return folder


@pytest.fixture
def booth(voting_project, tmp_path):
    """A server of 200 faces, at work in a folder of its own."""
    booth = Booth.copied(voting_project, tmp_path / "booth").start()
    yield booth
    booth.kill()
