"""Asking again for the items of a source that failed."""

import pandas as pd

from mien import layout
from mien.acquire.downloads import Downloads
from mien.acquire.gather import gather_photos, gather_videos
from mien.acquire.sources import is_remote
from mien.acquire.withdrawn import read_withdrawn
from mien.errors import SourceError, suggestion
from mien.params import AcquireParams
from mien.progress import say


def retry_source(source_id: str, sources: pd.DataFrame, params: AcquireParams) -> None:
    """Fetch the items that failed or were unusable; if any came, delete the source's shard.

    The next run rebuilds the shard. Raises SourceError for a source that is unknown, not of the
    network, or was never fetched.
    """
    rows = sources[sources["source_id"] == source_id]
    if rows.empty:
        known = list(sources["source_id"])
        hint = suggestion(source_id, known) or f"; there are {', '.join(known)}"
        raise SourceError(f"there is no source {source_id!r}{hint}")
    kind, target, limit = rows.iloc[0][["kind", "target", "limit"]]
    if not is_remote(kind, target):
        raise SourceError(f"{source_id}: not a source from the network; run snakemake")
    folder = layout.DOWNLOADS / source_id
    if not folder.is_dir():
        raise SourceError(f"{folder}: nothing was fetched here yet; run snakemake")
    state, withdrawn = Downloads(folder), read_withdrawn(layout.WITHDRAWN)
    before = _came(state)
    if not state.ask_again():
        say(f"{source_id}: nothing failed, so there is nothing to ask for again")
        return
    if kind == "flickr":
        gather_photos(source_id, target, int(limit), state, withdrawn, params, [])
    else:
        videos = layout.VIDEOS / source_id
        gather_videos(source_id, target, int(limit), state, videos, withdrawn, params, [])
    new = _came(state) - before
    if new:
        layout.scenes_of(source_id).unlink(missing_ok=True)
    way = "run snakemake to use them" if new else "the scenes stay as they are"
    say(f"{source_id}: {len(new)} more came; {way}")


def _came(state: Downloads) -> set[str]:
    return {outcome.item_id for outcome in state.outcomes() if outcome.state == "fetched"}
