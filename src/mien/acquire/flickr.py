"""Searching Flickr: the photos for some words, their authors, licences and addresses."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mien.acquire.licences import LICENCES
from mien.acquire.scenes import utc
from mien.acquire.tables import UNKNOWN
from mien.progress import say

Call = Callable[[dict[str, Any]], dict[str, Any]]
Found = dict[str, Any]  # a photo in Flickr's words

PAGE = 500  # photos, the most that Flickr gives at a time
REACH = 4000  # photos; further pages of a search repeat earlier ones
FIRST = 1072915200  # 2004, the year in which Flickr began
NO_LICENCE = -1
# Flickr's letters for sizes from 100 px up, the original last; its squares, sq and q, are cut
SIZES = ("t", "m", "n", "w", "s", "z", "c", "l", "h", "k", "3k", "4k", "5k", "6k", "o")
EXTRAS = ",".join(["license", "owner_name", "date_upload", *(f"url_{size}" for size in SIZES)])


@dataclass(frozen=True)
class Photo:
    """A photo as a search finds it.

    `author` has the owner's name and id, since names are not unique. `licence` is Flickr's number
    or NO_LICENCE. `url` is the address of the chosen size, or empty if there is none.
    """

    item_id: str
    title: str
    author: str
    page_url: str
    licence: int
    url: str

    @property
    def about(self) -> dict[str, str]:
        """What a scene tells of its photo."""
        names = {"title": self.title, "author": self.author, "page_url": self.page_url}
        return names | {"licence": LICENCES[self.licence].name}


BLANK = Photo("", "", "", "", NO_LICENCE, "")  # withdrawn since it was found


def search_photos(
    call: Call, text: str, until: int, licences: Sequence[int], size_px: int
) -> Iterator[Photo]:
    """Yield the photos for the words that were uploaded up to `until`, each once, newest first.

    `call` asks flickr.photos.search, see `Api`; a page is asked for only when it is needed.
    `until` is in seconds since 1970; `size_px` is the longer side of the file to choose.
    """
    seen: set[str] = set()
    for page in _pages(call, _question(text, licences), until):
        for found in page:
            if not found:
                yield BLANK
            elif found["id"] not in seen:
                seen.add(found["id"])
                yield _photo(found, size_px)


def refused(photo: Photo, licences: Sequence[int]) -> str:
    """Return why a photo may not be fetched, or an empty text."""
    if photo.licence not in licences:
        known = LICENCES.get(photo.licence)
        return f"{known.name if known else 'no known licence'}, not in acquire.licences"
    return "" if photo.url else "Flickr gives no file of it"


def _question(text: str, licences: Sequence[int]) -> dict[str, Any]:
    return {
        "text": text,
        "license": ",".join(map(str, sorted(licences))),
        "media": "photos",
        "content_types": "0",  # photographs: no screenshots, no drawings
        "safe_search": 1,
        "sort": "date-posted-desc",
        "extras": EXTRAS,
        "per_page": PAGE,
    }


def _pages(call: Call, question: dict[str, Any], until: int) -> Iterator[list[Found]]:
    """Yield pages of photos, newest first; times of upload with too many photos are split.

    The first page of such a time is yielded before the split, and its photos come again after it:
    a caller who wants no more than a page asks only once.
    """
    parts = [(FIRST, until)]
    while parts:
        since, until = parts.pop()
        question = {**question, "min_upload_date": since, "max_upload_date": until}
        first = call({**question, "page": 1})
        if first["total"] > REACH and since < until:
            yield first["photo"]
            middle = _split(first["photo"], since, until)
            parts += [(since, middle), (middle + 1, until)]
            continue
        if first["total"] > REACH:
            more = f"{first['total']} photos of {utc(until)}"
            say(f"warning: {question['text']!r}: only {REACH} of {more} can be found")
        yield from _pages_of_part(call, question, first)


def _pages_of_part(
    call: Call, question: dict[str, Any], first: dict[str, Any]
) -> Iterator[list[Found]]:
    """Yield the first and the following pages, until one has nothing new."""
    seen: set[str | None] = set()
    answer, page = first, 1
    while not seen.issuperset(ids := {found.get("id") for found in answer["photo"]}):
        yield answer["photo"]
        seen |= ids
        if page >= min(answer["pages"], REACH // PAGE):
            return
        page += 1
        answer = call({**question, "page": page})


def _split(newest: list[Found], since: int, until: int) -> int:
    """Return the end of the older part of a time; the newer part is at most half of it.

    The newer part is shorter if the newest photos are close in time: about six times their span.
    """
    dates = [int(found.get("dateupload", since)) for found in newest] or [since]
    guess = min(dates) - 5 * (max(dates) - min(dates)) - 1
    return min(max(guess, (since + until) // 2), until - 1)


def _photo(found: Found, size_px: int) -> Photo:
    owner, name = found["owner"], " ".join(found.get("ownername", "").split())
    licence = str(found.get("license", ""))
    return Photo(
        item_id=found["id"],
        title=" ".join(found.get("title", "").split()) or UNKNOWN,
        author=f"{name} ({owner})" if name else owner,
        page_url=f"https://www.flickr.com/photos/{owner}/{found['id']}",
        licence=int(licence) if licence.isdecimal() else NO_LICENCE,
        url=_choose_size(found, size_px),
    )


def _choose_size(found: Found, size_px: int) -> str:
    """Return the address of the largest size up to `size_px`, else of the smallest size."""
    longer_px: dict[str, int] = {
        found[f"url_{size}"]: max(int(found[f"width_{size}"]), int(found[f"height_{size}"]))
        for size in SIZES
        if found.get(f"url_{size}")
    }
    fitting = [url for url in longer_px if longer_px[url] <= size_px]
    if fitting:
        return max(fitting, key=longer_px.__getitem__)
    return min(longer_px, key=longer_px.__getitem__, default="")
