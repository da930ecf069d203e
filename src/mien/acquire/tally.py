"""What each source gave, and what it did not."""

from collections.abc import Mapping

import pandas as pd

from mien.acquire.tables import STATES


def tally_of(
    sources: pd.DataFrame, scenes: Mapping[str, int], skipped: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return a row a source: how many scenes came, and how many items are in each state.

    `scenes` counts the scenes of each source, `skipped` has the items it gave none for.
    """
    lost = {source: items["state"].value_counts() for source, items in skipped.items()}
    counts = pd.DataFrame(lost).T.reindex(columns=list(STATES)).fillna(0).astype("int64")
    rows = sources[["source_id", "kind", "limit"]].set_index("source_id")
    return rows.assign(scenes=pd.Series(scenes)).join(counts).reset_index()
