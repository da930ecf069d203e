"""Videos by yt-dlp: listing the videos of an address or a search, and fetching them.

yt-dlp fetches pictures without sound, so that nothing needs to be merged. mien names the files,
since two videos may have one title, and mien retries, since yt-dlp ignores Retry-After.
`check_video` checks every file that yt-dlp reports as done.
"""

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import yt_dlp
from yt_dlp.networking.exceptions import HTTPError
from yt_dlp.utils import DownloadError, ExtractorError, UnsupportedError, YoutubeDLError

from mien.acquire.check import check_video
from mien.acquire.downloads import Downloads, Outcome
from mien.acquire.javascript import FOR_YOUTUBE, javascript_runtime
from mien.acquire.patience import FetchError, patiently
from mien.acquire.scenes import utc
from mien.acquire.tables import UNKNOWN
from mien.errors import SourceError, VideoError
from mien.ids import sha256_of
from mien.params import AcquireParams

Answer = TypeVar("Answer")
Listed = dict[str, str]  # item_id, url, title

TOOL = f"yt-dlp {yt_dlp.version.__version__}"
YOUTUBE = re.compile(
    r"ytsearch|(https?://)?([\w-]+\.)*(youtube(-nocookie)?\.com|youtu\.be)(/|$)", re.I
)
BETWEEN_QUESTIONS_S = 0.75  # as yt-dlp's own preset `sleep` has it
SILENT = {
    "quiet": True,
    "no_warnings": True,
    "noprogress": True,
    "cachedir": False,
    "retries": 0,
    "extractor_retries": 0,
    "skip_unavailable_fragments": False,  # a stream with a gap would look whole
    "fixup": "never",  # frames are read as they are; mending needs another program
    "js_runtimes": {"deno": {}, "node": {}},
}


def list_videos(target: str, limit: int, params: AcquireParams) -> list[Listed]:
    """Return the videos of an address, a playlist or a search, each once.

    Raises FetchError when there are none, SourceError when YouTube's JavaScript cannot run.
    """
    if YOUTUBE.match(target) and not javascript_runtime():
        raise SourceError(f"{target}: {FOR_YOUTUBE}")
    settings = {**_settings(params), "extract_flat": "in_playlist", "playlistend": limit}
    info = _patiently(params, lambda: _extract(target, settings))
    entries = info.get("entries", [{**info, "url": target}])
    listed = [
        {"item_id": _item_id(entry), "url": entry["url"], "title": entry.get("title") or UNKNOWN}
        for entry in entries
        if entry and entry.get("url")
    ]
    return list({video["item_id"]: video for video in listed}.values())[:limit]


def asked_for(url: str, params: AcquireParams) -> str:
    """Return the request for a video; another height is another request."""
    return f"{url} at most {params.height_px} px high"


def fetch_videos(
    listed: Iterable[Listed], folder: Path, downloads: Downloads, params: AcquireParams
) -> Iterator[Outcome]:
    """Fetch the videos that were not asked for yet; yield the outcome of each when it is kept."""
    is_first = True
    for video in listed:
        asked = asked_for(video["url"], params)
        if known := downloads.outcome(video["item_id"], asked, folder):
            yield known
            continue
        if not is_first:
            time.sleep(params.sleep_s * random.uniform(1, 2))
        is_first = False
        try:
            outcome = _fetch(video, asked, folder, params)
        except FetchError as missing:
            outcome = Outcome(video["item_id"], asked, missing.state, missing.reason, tool=TOOL)
        downloads.keep(outcome)
        yield outcome


def _fetch(video: Listed, asked: str, folder: Path, params: AcquireParams) -> Outcome:
    """Fetch one video into the folder. Raises FetchError if it does not come."""
    folder.mkdir(parents=True, exist_ok=True)
    name = sha256(f"{video['item_id']} {params.height_px}".encode()).hexdigest()[:16]
    info, file = _download(video["url"], folder, name, params)
    return Outcome(
        item_id=video["item_id"],
        asked=asked,
        state="fetched",
        file=file.name,
        sha256=sha256_of(file),
        fetched_at=utc(time.time()),
        tool=TOOL,
        about={
            "title": info.get("title") or video["title"],
            "author": info.get("channel") or info.get("uploader") or UNKNOWN,
            "page_url": info.get("webpage_url") or video["url"],
            "licence": info.get("license") or UNKNOWN,
        },
    )


def _download(
    url: str, folder: Path, name: str, params: AcquireParams
) -> tuple[dict[str, Any], Path]:
    """Return yt-dlp's information on the video, and its file, checked.

    Resumes what an earlier run left; if that fails, deletes it and fetches the video from its
    start.
    """
    for range_of_older in folder.glob(f"{name}.ranges*"):  # earlier versions read films in parts
        range_of_older.unlink()
    resumed = sorted(folder.glob(f"{name}.*"))
    settings = _settings(params) | {"outtmpl": {"default": str(folder / f"{name}.%(ext)s")}}
    try:
        info = _patiently(params, lambda: _extract(url, settings, download=True))
        file = Path(info["requested_downloads"][0]["filepath"])
        check_video(file, thorough=bool(resumed))
        return info, file
    except (FetchError, VideoError) as fault:
        for path in folder.glob(f"{name}.*"):
            is_progress = isinstance(fault, FetchError) and fault.state == "failed" and not resumed
            if not is_progress:
                path.unlink()
        if resumed:
            return _download(url, folder, name, params)
        raise (
            FetchError("unusable", str(fault)) if isinstance(fault, VideoError) else fault
        ) from None


def _settings(params: AcquireParams) -> dict[str, Any]:
    return SILENT | {
        "logger": _Mute(),
        "socket_timeout": params.timeout_s,
        "sleep_interval_requests": min(BETWEEN_QUESTIONS_S, params.sleep_s),
        "ratelimit": params.max_mb_per_s and params.max_mb_per_s * 1e6,
        "format": "bv*/b",
        "format_sort": [f"res:{params.height_px}", "vcodec:h264"],
    }


class _Mute:
    """A logger that prints nothing: errors come as exceptions."""

    def debug(self, message: str) -> None: ...
    def info(self, message: str) -> None: ...
    def warning(self, message: str) -> None: ...
    def error(self, message: str) -> None: ...


def _extract(url: str, settings: dict[str, Any], download: bool = False) -> dict[str, Any]:
    with yt_dlp.YoutubeDL(settings) as downloader:
        info: dict[str, Any] = downloader.extract_info(url, download=download)
        if download and not info.get("requested_downloads"):
            raise FetchError("unusable", "yt-dlp gave no file")
        return dict(downloader.sanitize_info(info))


def _patiently(params: AcquireParams, ask: Callable[[], Answer]) -> Answer:
    """Return what `ask` returns, after retries; raise FetchError with yt-dlp's reason."""

    def attempt() -> Answer:
        try:
            return ask()
        except YoutubeDLError as error:
            raise _missing(error) from None

    return patiently(params, attempt)


def _missing(error: YoutubeDLError) -> FetchError:
    """Return the FetchError for an error of yt-dlp."""
    cause = (error.exc_info[1] if isinstance(error, DownloadError) else None) or error
    reason = _reason(str(cause))
    if isinstance(cause, HTTPError):
        after = cause.response.headers.get("Retry-After")
        return FetchError.by_status(cause.status, after)
    if isinstance(cause, UnsupportedError):
        return FetchError("unusable", "yt-dlp finds no video there")
    if "format is not available" in reason:
        return FetchError("unusable", "it has sound only, or no format that can be fetched")
    if "any data blocks" in reason:
        return FetchError("unusable", "empty file")
    if isinstance(cause, ExtractorError) and cause.expected:
        return FetchError("gone", reason)
    return FetchError("failed", reason, again=True)


def _reason(message: str) -> str:
    """Return yt-dlp's message without colours, prefixes and requests to its users."""
    plain = " ".join(re.sub(r"\x1b\[[\d;]*m", "", message).split())
    plain = re.sub(r"^(ERROR: )?(\[\w+\] )?(\S+: (?=Unable))?(Got error: )?", "", plain)
    plain = re.sub(r"HTTPS?Connection(Pool)?\([^)]*\): ", "", plain)
    return re.split(r"; please report this issue| \(caused by|\. Use --", plain)[0]


def _item_id(entry: dict[str, Any]) -> str:
    """Return a video's id with its site's name, or the address of a plain file."""
    site = entry.get("ie_key") or entry.get("extractor_key") or "Generic"
    if site == "Generic" or not entry.get("id"):
        return str(entry["url"])
    return f"{site.lower()}:{entry['id']}"
