"""Where variants err, as plain values for the templates: error rates on slices of the faces."""

from collections.abc import Sequence

import pandas as pd

from mien.report.page.templates import Row, mark


def slice_matrix(slices: pd.DataFrame, variants: Sequence[str]) -> list[Row]:
    """Return a row for each value of each slice but the groups, with the rate of each variant.

    A variant has None where too few of its faces are in the slice.
    """
    rows: list[Row] = []
    shared = slices[slices["slice"] != "group"]
    for (name, value), part in shared.groupby(["slice", "value"], sort=False):
        rates = part.set_index("variant")
        found = [rates.loc[one] if one in rates.index else None for one in variants]
        rows.append({"slice": name, "value": value, "variants": found})
    return sorted(rows, key=lambda row: str(row["slice"]))


def slice_rows(rates: pd.DataFrame) -> list[Row]:
    """Return the rows of one variant, each with its `mark` on an axis from 0 that all share.

    The axis ends at the greatest upper end of an interval, its `reach`.
    """
    if rates.empty:
        return []
    reach = float(rates[["error_rate", "high"]].max().max()) or 1.0
    return [
        row | {"mark": mark(row["error_rate"], row["low"], row["high"], 0, reach), "reach": reach}
        for row in rates.to_dict("records")
    ]
