"""Ids, the first 16 hex digits of a SHA-256; and names that people give, which name files too."""

import hashlib

NAME = r"[a-z0-9][a-z0-9_-]*"


def scene_id(image: bytes) -> str:
    """Return the id of a scene from its encoded bytes: the same picture has the same id."""
    return _digest(image)


def face_id(scene: str, x: int, y: int, width: int, height: int) -> str:
    """Return the id of a face from its scene's id and its box in scene pixels."""
    return _digest(f"{scene} {x} {y} {width} {height}".encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
