"""Asking the network for the items of a source; each item ends in an outcome.

Nothing is asked twice, even after a killed run. Outcomes are in the order of the search or list.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mien.acquire.downloads import Downloads, Outcome, request
from mien.acquire.flickr import BLANK, Photo, refused, search_photos
from mien.acquire.flickr_api import Api
from mien.acquire.patience import FetchError
from mien.acquire.photos import fetch_photos
from mien.acquire.scenes import skip
from mien.acquire.tables import UNKNOWN
from mien.acquire.turn import turn
from mien.acquire.video import TOOL, Listed, asked_for, fetch_videos, list_videos
from mien.acquire.withdrawn import Withdrawn
from mien.errors import SourceError
from mien.params import AcquireParams
from mien.progress import track
from mien.shards import Row


def gather_photos(
    source_id: str,
    target: str,
    limit: int,
    downloads: Downloads,
    withdrawn: Withdrawn,
    params: AcquireParams,
    skipped: list[Row],
) -> list[Outcome]:
    """Return what became of the first `limit` photos that Flickr finds for the words.

    Photos that are withdrawn, or whose licence is not in `acquire.licences`, are noted in `skipped`
    and not fetched.
    """
    with turn(downloads.folder.parent / "flickr.lock"):
        found = _found(target, downloads, params)
        photos = list(_accepted(found, source_id, limit, withdrawn, params, skipped))
        folder = downloads.folder
        known = {p.item_id: downloads.outcome(p.item_id, p.url, folder) for p in photos}
        fetching = fetch_photos(photos, downloads, params)
        outcomes = _tracked(fetching, known, source_id)
        downloads.finish(request("flickr", target, limit, params))
    return outcomes


def gather_videos(
    source_id: str,
    target: str,
    limit: int,
    downloads: Downloads,
    videos: Path,
    withdrawn: Withdrawn,
    params: AcquireParams,
    skipped: list[Row],
) -> list[Outcome]:
    """Return what became of the first `limit` videos of the target.

    Withdrawn videos are noted in `skipped` and not fetched.
    """
    with turn(downloads.folder.parent / "video.lock"):
        listed = [
            video
            for video in filter(None, _listed(target, limit, downloads, params))
            if not withdrawn.leaves_out(source_id, "video", video["item_id"], UNKNOWN, skipped)
        ]
        known = {
            video["item_id"]: downloads.outcome(
                video["item_id"], asked_for(video["url"], params), videos
            )
            for video in listed
        }
        fetching = fetch_videos(listed, videos, downloads, params)
        outcomes = _tracked(fetching, known, source_id)
        downloads.finish(request("video", target, limit, params))
    return [  # a video's author is known only when it was fetched
        outcome
        for outcome in outcomes
        if not withdrawn.leaves_out(
            source_id, "video", outcome.item_id, outcome.about.get("author", UNKNOWN), skipped
        )
    ]


def _tracked(
    fetching: Iterator[Outcome], known: dict[str, Outcome | None], source_id: str
) -> list[Outcome]:
    """Return what became of each item; show the progress of the items that are not `known`."""
    there = {item_id: outcome for item_id, outcome in known.items() if outcome}
    new = (outcome for outcome in fetching if outcome.item_id not in there)
    tracked = track(new, f"fetch {source_id}", len(known), done=len(there))
    became = there | {outcome.item_id: outcome for outcome in tracked}
    return [became[item_id] for item_id in known]


def _found(target: str, downloads: Downloads, params: AcquireParams) -> Iterator[Photo]:
    """Yield the photos uploaded before the target was first searched for."""
    api: list[Api] = []  # made when it is first needed: remembered answers need no key

    def call(question: dict[str, Any]) -> dict[str, Any]:
        def ask() -> dict[str, Any]:
            if not api:
                api.append(Api.from_environment(params))
            return api[0](question)

        answer: dict[str, Any] = downloads.answer(json.dumps(question, sort_keys=True), ask)
        return answer

    until = downloads.answer(f"until {target}", lambda: int(time.time()))
    return search_photos(call, target, until, params.licences, params.photo_size_px)


def _accepted(
    found: Iterator[Photo],
    source_id: str,
    limit: int,
    withdrawn: Withdrawn,
    params: AcquireParams,
    skipped: list[Row],
) -> Iterator[Photo]:
    """Yield the first `limit` photos that may be fetched; note the photos refused before.

    A withdrawn photo counts towards the limit, so that no other photo takes its place.
    """
    places = 0
    for photo in found:
        if photo is BLANK or withdrawn.leaves_out(
            source_id, "flickr", photo.item_id, photo.author, skipped
        ):
            places += 1
        elif reason := refused(photo, params.licences):
            skipped.append(skip(source_id, photo.item_id, "licence", reason))
        else:
            places += 1
            yield photo
        if places == limit:
            return


def _listed(target: str, limit: int, downloads: Downloads, params: AcquireParams) -> list[Listed]:
    """Return the videos of the target; an address without a video is listed as one itself.

    Raises SourceError when the list cannot be fetched now.
    """

    def ask() -> list[Listed]:
        try:
            return list_videos(target, limit, params)
        except FetchError as missing:
            if missing.state == "failed":
                raise SourceError(f"{target}: {missing.reason}") from None
            asked = asked_for(target, params)
            downloads.keep(Outcome(target, asked, missing.state, missing.reason, tool=TOOL))
            return [{"item_id": target, "url": target, "title": UNKNOWN}]

    listed: list[Listed] = downloads.answer(f"videos {target} {limit}", ask)
    return listed
