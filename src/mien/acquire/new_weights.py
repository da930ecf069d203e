"""Weights whose hash nobody published: fetched once, and entered in params.yaml with their hash."""

import hashlib
import inspect
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from mien import layout
from mien.acquire.weights import download, fetch_weights
from mien.errors import ParamsError, SourceError, suggestion
from mien.files import atomic
from mien.params import Weights, load
from mien.params.acquire import weights_name
from mien.progress import say

ULTRALYTICS = "https://github.com/ultralytics/assets/releases/download/{release}/{name}"
PAGES = (b"<!doctype", b"<html", b"<?xml")  # how a web page begins, in small letters


def add_weights(asked: str, params: Path) -> None:
    """Fetch a file by its URL or name into data/weights/, and say what was done.

    A file that is not under `acquire.weights` yet is entered there, with its URL and the hash of
    what came; a hash that is there is never replaced. Raises SourceError or ParamsError, with
    nothing written, where the name is unknown or nothing usable comes.
    """
    known = load(params).acquire.weights
    name, url = place_of(asked, known)
    path = layout.WEIGHTS / name
    if name in known:
        entry = known[name]
        if url is not None and url != entry.url:
            raise SourceError(
                f"{params} has {name} from {entry.url or entry.path} already: take that one by its "
                "name, or delete its entry under acquire.weights"
            )
        fetch_weights(name, entry, path)
        say(f"{path}: as {params} describes it; its hash is right")
        return
    assert url is not None
    before = params.read_bytes()
    with atomic(path) as temporary:
        digest = fetch(name, url, temporary)
        after = with_entry(before, {name: {"url": url, "sha256": digest}}, params)
        with atomic(params.resolve()) as written:
            written.write_bytes(after)
    with atomic(layout.FETCHED / name) as kept:  # Snakemake deletes what its rules did not make
        shutil.copyfile(path, kept)
    say(f"{path}: fetched; {params} names it under acquire.weights, with the hash of what came:")
    say(f"  sha256 {digest}")


def place_of(asked: str, known: dict[str, Weights]) -> tuple[str, str | None]:
    """Return the name of a file and its URL, none where the settings have it by that name."""
    parts = urlsplit(asked)
    if asked in known:
        return asked, None
    if not parts.scheme:
        return asked, asset(asked, known)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SourceError(
            f"{asked}: not a URL to fetch from; it must begin with https:// or http://"
        )
    try:
        return weights_name(unquote(parts.path.rpartition("/")[2])), asked
    except ValueError as error:
        raise SourceError(f"{asked}: {error}; take the URL of a file") from None


def asset(name: str, known: dict[str, Weights]) -> str:
    """Return the URL of a file that ultralytics publishes; raise SourceError for another name."""
    from mien.quiet import quiet_ultralytics

    quiet_ultralytics()
    from ultralytics.utils import downloads

    names = downloads.GITHUB_ASSETS_NAMES
    if name not in names:
        hint = suggestion(name, [*known, *sorted(names)]) or "; name a URL"
        raise SourceError(
            f"{name}: neither under acquire.weights nor a file that ultralytics publishes{hint}"
        )
    release = inspect.signature(downloads.attempt_download_asset).parameters["release"].default
    return ULTRALYTICS.format(release=release, name=name)


def fetch(name: str, url: str, path: Path) -> str:
    """Write what the URL gives to the file; return its SHA-256.

    Raises SourceError where that is a web page or nothing.
    """
    digest, start = hashlib.sha256(), b""
    with path.open("wb") as file:
        for chunk in download(name, url):
            start = start or chunk[:100]
            digest.update(chunk)
            file.write(chunk)
    if not start:
        raise SourceError(f"{name}: {url} gives an empty file")
    if start.lstrip().lower().startswith(PAGES):
        raise SourceError(f"{name}: {url} gives a web page; take the URL of the file itself")
    return digest.hexdigest()


def with_entry(content: bytes, entry: dict[str, Any], path: Path) -> bytes:
    """Return the settings with one more entry under `acquire.weights`; all else stays as it is.

    Raises ParamsError, with the lines to add, where that cannot be done by adding lines.
    """
    text = content.decode("utf-8")
    new = _inserted(text, entry)
    wanted = yaml.safe_load(text)
    wanted["acquire"]["weights"] |= entry
    if new is None or yaml.safe_load(new) != wanted:
        lines = yaml.safe_dump(entry, default_flow_style=True, sort_keys=False, width=float("inf"))
        raise ParamsError(
            f"{path}: nothing was written, since its acquire.weights is written in an unusual way; "
            f"add this there: {lines.strip()[1:-1]}"
        )
    return new.encode("utf-8")


def _inserted(text: str, entry: dict[str, Any]) -> str | None:
    key, value = _node(yaml.compose(text, yaml.SafeLoader), "acquire", "weights")
    end = "\r\n" if "\r\n" in text else "\n"
    block = yaml.safe_dump(entry, sort_keys=False, allow_unicode=True, width=float("inf"))
    if value.flow_style and value.value:
        line = yaml.safe_dump(entry, default_flow_style=True, sort_keys=False, width=float("inf"))
        at = value.end_mark.index - 1
        return f"{text[:at].rstrip().rstrip(',')}, {line.strip()[1:-1]}{text[at:]}"
    if value.flow_style:
        indent = key.start_mark.column + 2
        before, after = text[: value.start_mark.index], text[value.end_mark.index :]
        rest, _, below = after.partition("\n")
        head = before.rstrip() + rest.rstrip()
    else:
        indent = value.start_mark.column
        last = value.value[-1][1]
        while isinstance(last, yaml.MappingNode) and last.value and not last.flow_style:
            last = last.value[-1][1]
        at = text.find("\n", last.end_mark.index)
        head, below = (text, "") if at < 0 else (text[:at].rstrip("\r"), text[at + 1 :])
    lines = "".join(f"{' ' * indent}{line}{end}" for line in block.splitlines())
    return f"{head}{end}{lines}{below}"


def _node(node: Any, *names: str) -> tuple[Any, Any]:
    """Return the nodes of the key and value at a place of a YAML document."""
    pair = (None, node)
    for name in names:
        pair = next(one for one in pair[1].value if one[0].value == name)
    return pair
