"""Runtimes for YouTube's JavaScript, without which yt-dlp gets no video there."""

import re
import shutil
import subprocess

NODE = 22  # yt-dlp's own limit
FOR_YOUTUBE = f"YouTube's JavaScript needs deno, or node of {NODE} and up: `pip install deno`"


def javascript_runtime() -> str:
    """Return the name of a runtime that yt-dlp can use, or an empty text."""
    if shutil.which("deno"):
        return "deno"
    version = node_version()
    return f"node {version}" if version >= NODE else ""


def node_version() -> int:
    """Return the major version of node, 0 when there is none."""
    node = shutil.which("node")
    if node is None:
        return 0
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"v(\d+)\.", told)
    return int(match[1]) if match else 0
