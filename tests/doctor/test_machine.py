"""GPU, disks and file locks."""

import shutil
from collections import namedtuple

import pytest

from mien.doctor import machine
from mien.doctor.finding import Finding


@pytest.fixture
def has_gpu(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "GPU", tmp_path)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.fixture
def free(monkeypatch):
    """Say how many GB are free in folders, by a part of their path; 500 elsewhere."""

    def set_(**places: float) -> None:
        def usage(folder):
            found = [gb for part, gb in places.items() if part in str(folder.absolute())]
            return namedtuple("usage", "free")((found or [500])[-1] * 1e9)

        monkeypatch.setattr(shutil, "disk_usage", usage)

    return set_


def test_without_a_gpu_training_runs_on_the_processor(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "GPU", tmp_path / "none")
    monkeypatch.setattr(machine.shutil, "which", lambda _: None)
    assert machine.gpu() == Finding("note", "no NVIDIA GPU: training runs on the processor")


@pytest.mark.usefixtures("has_gpu")
def test_a_gpu_is_used_by_a_torch_with_cuda(monkeypatch):
    monkeypatch.setattr(machine, "torch_cuda", lambda: "13.2")
    assert machine.gpu() == Finding("ok", "an NVIDIA GPU; torch uses it with CUDA 13.2")


@pytest.mark.usefixtures("has_gpu")
def test_a_torch_without_cuda_leaves_the_gpu_idle(monkeypatch):
    monkeypatch.setattr(machine, "torch_cuda", lambda: None)
    finding = machine.gpu()
    assert finding.level == "note"
    assert "without CUDA" in finding.text
    assert finding.command.endswith("torch torchvision")


@pytest.mark.usefixtures("has_gpu")
@pytest.mark.parametrize("hidden", ["", "-1"])
def test_a_gpu_may_be_hidden(monkeypatch, hidden):
    monkeypatch.setattr(machine, "torch_cuda", lambda: "13.2")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    finding = machine.gpu()
    assert (finding.level, finding.command) == ("note", "unset CUDA_VISIBLE_DEVICES")


@pytest.mark.usefixtures("project")
def test_enough_room_is_fine(free):
    free()
    text = "500 GB free in this folder; 500 GB free in DVC's cache; 500 GB free for temporary files"
    assert machine.disk() == Finding("ok", text)


def test_a_full_cache_elsewhere_is_told_before_it_is_made(project, free, configure):
    configure("[cache]\n    dir = /not-made-yet/cache\n")
    free(shelf=4)  # its nearest folder is the root, which has room
    assert machine.disk().level == "ok"
    (project.parent / "shelf-cache").mkdir()
    configure("[cache]\n    dir = ../../shelf-cache\n")
    text = "4 GB free in DVC's cache, less than 10"
    assert machine.disk() == Finding("note", text, "dvc gc --all-commits")


def test_a_small_folder_for_temporary_files_has_its_own_remedy(project, free, monkeypatch):
    (project.parent / "tiny").mkdir()
    monkeypatch.setattr(machine.tempfile, "gettempdir", lambda: str(project.parent / "tiny"))
    free(tiny=1)
    finding = machine.disk()
    assert finding.text == "1 GB free for temporary files, less than 10"
    assert finding.command == "export TMPDIR=<a folder on a larger disk>"


def test_files_can_be_locked_here(project):
    assert machine.file_locks() == Finding("ok", "files in this folder can be locked")
    assert sorted(path.name for path in project.iterdir()) == ["data", "params.yaml"]


@pytest.mark.usefixtures("project")
def test_a_filesystem_without_locks_is_told(monkeypatch, configure):
    def refuse(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(machine.fcntl, "flock", refuse)
    assert machine.file_locks().command == "dvc config --local core.hardlink_lock true"
    configure("[core]\n    hardlink_lock = true\n")
    assert machine.file_locks().level == "ok"
    monkeypatch.setattr(machine.fcntl, "lockf", refuse)
    assert machine.file_locks().level == "wrong"
    assert "local disk" in machine.file_locks().text


def test_a_home_that_cannot_be_written_to_has_a_way_out(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/cache")
    finding = machine.cache()
    assert finding.level == "wrong"
    assert "cannot be written to /dev/null/cache" in finding.text
    assert finding.command == 'export XDG_CACHE_HOME="$PWD/.snakemake/cache"'
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "not" / "yet"))
    assert machine.cache().level == "ok"
