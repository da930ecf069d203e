"""Ids, the first 16 hex digits of a SHA-256; hashes of files; and names that are file names too."""

import hashlib
from pathlib import Path

NAME = r"[a-z0-9][a-z0-9_-]*"


def scene_id(image: bytes) -> str:
    """Return the id of a scene from its encoded bytes."""
    return _digest(image)


def face_id(scene: str, x: int, y: int, width: int, height: int) -> str:
    """Return the id of a face from its scene's id and its box in scene pixels."""
    return _digest(f"{scene} {x} {y} {width} {height}".encode())


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of the file in hex, read in parts."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
