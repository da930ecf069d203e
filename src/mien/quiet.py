"""ultralytics without its habits: no network, no installing, no logging services."""

import atexit
import os
import shutil
import sys
import tempfile
from functools import cache

ENVIRONMENT = {
    "YOLO_OFFLINE": "true",
    "YOLO_AUTOINSTALL": "false",
    "YOLO_VERBOSE": "false",
    # a file of weights is a pickle, which could run anything
    "ULTRALYTICS_SAFE_LOAD": "true",
    "TORCH_FORCE_WEIGHTS_ONLY_LOAD": "1",
}

DISTRIBUTED = ("WORLD_SIZE", "RANK", "LOCAL_RANK")  # of a cluster: they would change the seed


@cache
def quiet_ultralytics() -> None:
    """Import ultralytics offline, silent and with every integration off; call it before any use.

    Its settings go to a private folder that is removed when the process ends, so neither the
    user's own settings nor another process's are read or written.
    """
    if "ultralytics" in sys.modules:
        raise RuntimeError("ultralytics was imported before quiet_ultralytics was called")
    folder = tempfile.mkdtemp(prefix="mien-ultralytics-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.update(ENVIRONMENT, YOLO_CONFIG_DIR=folder)
    for name in ("ULTRALYTICS_API_KEY", *DISTRIBUTED):
        os.environ.pop(name, None)

    from PIL import Image

    whole = Image.open
    from ultralytics import settings

    Image.open = whole  # ultralytics puts one in its place that asks for a package we do not have
    # what can be on or off is analytics, a logging service or a message
    settings.update({name: False for name, value in settings.items() if isinstance(value, bool)})
