"""Where a model runs is no setting: a GPU makes nothing stale, and the profile says how many share it."""

import pytest
from toy import wait_until

TRAININGS = ("yolo", "resnet")


@pytest.fixture
def with_gpu(clone):
    """A clone on a machine with a GPU: a file stands for its device."""
    device = clone.folder.with_suffix(".gpu")
    device.touch()
    clone.edit("workflow/lib/machine.py", "/dev/nvidia0", str(device))
    return clone


def most_at_once(notes):
    """Return how many trainings were at work together at most."""
    at_work, most = set(), 0
    for line in notes:
        *end, verb, output = line.split()
        if verb in TRAININGS:
            (at_work.discard if end else at_work.add)(output)
            most = max(most, len(at_work))
    return most


def test_nothing_is_stale_because_the_machine_has_a_gpu(with_gpu):
    assert with_gpu.planned() == {}
    assert with_gpu.planned("--workflow-profile", "profiles/gpu") == {}


def test_trainings_share_a_gpu_one_at_a_time(with_gpu):
    with_gpu.edit("params.yaml", "quorum: 3", "quorum: 2")
    with_gpu.snakemake()
    assert most_at_once(with_gpu.notes()) == 1


def test_or_as_many_as_the_profile_says(with_gpu):
    with_gpu.edit("params.yaml", "quorum: 3", "quorum: 2")
    with_gpu.hold.write_text("models/large/seed-0/model.pt models/small/seed-0/model.pt")
    run = with_gpu.start("snakemake", "--workflow-profile", "profiles/gpu", "--cores", "4")
    wait_until(lambda: most_at_once(with_gpu.notes()) == 2)
    with_gpu.hold.unlink()
    assert run.wait() == 0
    assert most_at_once(with_gpu.notes()) == 2
