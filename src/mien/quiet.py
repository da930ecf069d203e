"""ultralytics without network, installing and logging services."""

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

DISTRIBUTED = ("WORLD_SIZE", "RANK", "LOCAL_RANK")  # a cluster sets them; they change the seed


@cache
def quiet_ultralytics() -> None:
    """Import ultralytics offline, silent and with every integration off; call it before any use.

    Its settings go to a temporary folder: the user's own are neither read nor written.
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

    Image.open = whole  # ultralytics replaces it by one that needs a package we do not have
    # every switch is for analytics, a logging service or a message
    settings.update({name: False for name, value in settings.items() if isinstance(value, bool)})
