"""A project pushed to a folder, an S3 server or an SSH server is pulled whole, with nothing to do."""

import pytest
from remotes import BIN, folder_remote, s3_remote, ssh_remote

DVC = str(BIN / "dvc")
REMOTES = {"folder": folder_remote, "s3": s3_remote, "ssh": ssh_remote}
pytestmark = [
    pytest.mark.skipif(not BIN.exists(), reason="no .venv/remotes: run `make .venv/.remotes`"),
]


@pytest.fixture(params=REMOTES)
def remote(request, tmp_path):
    """A remote of each kind, there while the test runs."""
    with REMOTES[request.param](tmp_path) as remote:
        yield remote


def test_a_project_pushed_there_is_pulled_whole(remote, clone, tmp_path):
    (clone.folder / ".dvc" / "config").write_text(remote.config())
    clone.commit("another remote")
    assert "files pushed" in clone.run(DVC, "push", **remote.environment)
    there = clone.at(tmp_path / "there")
    clone.run("git", "clone", "--quiet", str(clone.folder), str(there.folder))
    there.run(DVC, "pull", "--quiet", **remote.environment)
    assert there.planned() == {}
    assert "Everything is up to date" in there.run(DVC, "push", **remote.environment)
