"""Which picture a face was cut from, so that people find it again: a file, a photo, a moment."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pandas as pd

from mien import words
from mien.acquire.tables import UNKNOWN
from mien.faces.shards import shards_of
from mien.report.page.sentences import web_link
from mien.shards import read_shard

YOUTUBE = re.compile(r"(?:[\w-]+\.)*(?:youtube(?:-nocookie)?\.com|youtu\.be)")
VIMEO = re.compile(r"(?:[\w-]+\.)*vimeo\.com")
FILMS = {".mp4", ".m4v", ".webm", ".ogv", ".mov"}  # which browsers play by themselves
ORIGIN = (
    *("scene_id", "source_id", "item_id", "title"),
    *("author", "time_s", "page_url", "licence"),
)


@dataclass(frozen=True)
class Origin:
    """A picture as people know it; author and licence are empty where nobody knows them.

    `name` is a file's path in its source's folder, or a title with the item's id; `at` the moment
    of a video; `link` its page on the web, for a video at that moment where its site can be told.
    """

    name: str
    at: str
    source: str
    author: str
    licence: str
    link: str | None

    @property
    def host(self) -> str:
        """The host that the link leads to."""
        return urlsplit(self.link or "").hostname or ""


def face_origins(
    faces: pd.DataFrame, scenes: pd.DataFrame, wanted: Collection[str]
) -> dict[str, Origin]:
    """Return the origin of every wanted face of the index by its id."""
    shown = faces.loc[faces["face_id"].isin(wanted), ["face_id", "source_id", "scene_id"]]
    once = scenes[list(ORIGIN)].drop_duplicates(["source_id", "scene_id"])
    keys = ["source_id", "scene_id"]
    rows = shown.merge(once, on=keys, validate="many_to_one")
    found = map(origin, rows[list(ORIGIN)].to_dict("records"))
    return dict(zip(rows["face_id"].astype(str), found, strict=True))


def read_origins(index: pd.DataFrame, folder: Path, wanted: Collection[str]) -> dict[str, Origin]:
    """Return the origin of every wanted face of the index, from the folder of shards of scenes."""
    if not wanted:
        return {}
    scenes = [read_shard(shard, ORIGIN) for shard in shards_of(index, wanted, folder)]
    return face_origins(index, pd.concat(scenes, ignore_index=True), wanted)


def origin(scene: Mapping[Any, Any]) -> Origin:
    """Return the origin of a scene, given as a row of its shard."""
    item, title, time_s = scene["item_id"], scene["title"], scene["time_s"]
    is_said = title == UNKNOWN or title in item
    return Origin(
        name=item if is_said else f"{title} ({item})",
        at="" if pd.isna(time_s) else words.moment(time_s),
        source=scene["source_id"],
        author="" if scene["author"] == UNKNOWN else scene["author"],
        licence="" if scene["licence"] == UNKNOWN else scene["licence"],
        link=moment_link(scene["page_url"], time_s),
    )


def moment_link(url: str, time_s: float | None) -> str | None:
    """Return the address of a page, of a video at the second where its site has a way to say so.

    None for what is no address of the web.
    """
    link = web_link(url)
    if link is None or time_s is None or pd.isna(time_s):
        return link
    parts, second = urlsplit(link), int(time_s)
    host = parts.hostname or ""
    if YOUTUBE.fullmatch(host):
        query = [pair for pair in parse_qsl(parts.query, True) if pair[0] not in ("t", "start")]
        return parts._replace(query=urlencode([*query, ("t", f"{second}s")])).geturl()
    if VIMEO.fullmatch(host):
        return parts._replace(fragment=f"t={second}s").geturl()
    if PurePosixPath(parts.path).suffix.lower() in FILMS and not parts.fragment:
        return parts._replace(fragment=f"t={second}").geturl()
    return link
