"""Reading weights of ultralytics without running any code in the file.

A `.pt` is a pickle, which may call anything when it is loaded. ultralytics' own safe loader builds
the classes of its models and torch's, and refuses every other name before it is called.
"""

import pickle
import re
import warnings
from pathlib import Path
from typing import Any

from mien.errors import SourceError
from mien.quiet import quiet_ultralytics

REFUSED = re.compile(r"GLOBAL (\S+)")  # in torch's message


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Return the checkpoint in the file, on the CPU; its `model` or `ema` is a network.

    Raises SourceError when the file is no checkpoint of ultralytics, or would load other classes.
    """
    quiet_ultralytics()
    import torch
    from ultralytics.nn.tasks import torch_safe_load

    if path.suffix != ".pt":
        raise SourceError(f"{path}: not a file of ultralytics, whose names end in .pt")
    if "'" in str(path):  # ultralytics drops apostrophes, and would read another file or none
        raise SourceError(f"{path}: ultralytics cannot read a path with an apostrophe; rename it")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a fault is raised below
            found: dict[str, Any] = torch_safe_load(str(path), safe_only=True)[0]
        network = found["model"] if found.get("ema") is None else found["ema"]
    except FileNotFoundError:
        raise SourceError(f"{path}: the file is missing") from None
    except Exception as error:  # whatever torch's unpickler raises on a file that is no model
        raise SourceError(_reason(path, error)) from None
    if not isinstance(network, torch.nn.Module):
        raise SourceError(f"{path}: not a model of ultralytics; name another file")
    return found


def _reason(path: Path, error: Exception) -> str:
    cause = error.__cause__ if isinstance(error.__cause__, pickle.UnpicklingError) else error
    if isinstance(cause, pickle.UnpicklingError) and (name := REFUSED.search(str(cause))):
        return (
            f"{path}: it asks for {name[1][:80]!r}, which no model of ultralytics needs; nothing "
            "was loaded; download the file from its publisher"
        )
    return f"{path}: not a model of ultralytics; name another file"
