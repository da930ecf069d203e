"""What this machine gives the jobs: commands, a GPU, cores. Results do not depend on it."""

import os
import sys
from pathlib import Path
from typing import Any


def find_commands() -> None:
    """Let the rules' commands be those of this environment, activated or not."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"


def gpus() -> int:
    """Return how many of the profile's places on the GPU a job takes: 0 where there is none."""
    return int(Path("/dev/nvidia0").exists())


def shared(workflow: Any, jobs: int, uses_gpu: bool = True) -> int:
    """Return the threads of one of several equal jobs, so that those at work fill the cores."""
    places = workflow.global_resources.get("gpu")
    limit = places.value if places and uses_gpu and gpus() else jobs
    return max(1, int(workflow.cores) // max(1, min(jobs, limit)))
