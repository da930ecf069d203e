"""The page of attribution: one HTML file that names the maker of every image."""

from typing import Any

import pandas as pd

from mien.acquire.tables import UNKNOWN
from mien.report.page.sentences import web_link
from mien.report.page.templates import Row, render
from mien.words import moment

# word for word, as Flickr's terms ask of whoever uses its API
FLICKR = "This product uses the Flickr API but is not endorsed or certified by SmugMug, Inc."

ITEM = [
    *("author", "source_id", "item_id", "title", "licence", "licence_url", "page_url"),
    *("fetched_at", "may_be_passed_on"),
]
COUNTS: dict[str, Any] = {
    "images": ("scene_id", "nunique"),
    "faces": ("face_id", "nunique"),
    "authors": ("author", "nunique"),
}


def render_attribution(table: pd.DataFrame, uses_flickr: bool) -> str:
    """Return the page for a table of attribution."""
    everything = _known(table).assign(all=1).groupby("all").agg(**COUNTS)
    return render(
        ["attribution.html.j2"],
        unknown=UNKNOWN,
        notice=FLICKR if uses_flickr else "",
        total=_whole(everything)[0] if len(table) else {},
        licences=licences(table),
        authors=authors(table),
    )


def licences(table: pd.DataFrame) -> list[Row]:
    """Return the counts for each licence, the most frequent first.

    What may be passed on and what may not are counted apart.
    """
    groups = _known(table).groupby(["licence", "may_be_passed_on", "licence_url"], dropna=False)
    rows = _whole(groups.agg(**COUNTS).reset_index())
    return sorted(rows, key=lambda row: (-row["images"], row["licence"], row["may_be_passed_on"]))


def authors(table: pd.DataFrame) -> list[Row]:
    """Return every author with their items, by name; items of unknown authors come last."""
    by_author: dict[str, list[Row]] = {}
    for place, rows in table.groupby(ITEM, sort=False, dropna=False):
        item = _whole(pd.DataFrame([dict(zip(ITEM, place, strict=True))]))[0]
        counts = {name: int(rows[column].nunique()) for name, (column, _) in COUNTS.items()}
        item |= counts | {"link": web_link(item["page_url"]), "times": _times(rows["time_s"])}
        by_author.setdefault(str(item["author"]), []).append(item)
    names = sorted(by_author, key=lambda name: (name == UNKNOWN, name.casefold(), name))
    return [{"name": name, "entries": by_author[name]} for name in names]


def _times(seconds: pd.Series) -> list[str]:
    """Return the moments of a video as `1:02.5`, in order."""
    return list(dict.fromkeys(moment(time) for time in sorted(seconds.dropna())))


def _known(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table without unknown authors, who are not counted as authors."""
    return table.assign(author=table["author"].mask(table["author"] == UNKNOWN))


def _whole(table: pd.DataFrame) -> list[Row]:
    """Return the rows, with None for what is empty."""
    return table.astype(object).where(table.notna(), None).to_dict("records")
