"""Where variants err, as plain values for the templates: error rates on slices of the faces."""

from collections.abc import Sequence

import pandas as pd

from mien.report.page.templates import Row


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
    marks = (100 * rates[["error_rate", "low", "high"]] / reach).round(2).astype(object)
    marks = marks.where(marks.notna(), None).rename(columns={"error_rate": "at"})
    return [
        {str(name): value for name, value in row.items()} | {"mark": mark, "reach": reach}
        for row, mark in zip(rates.to_dict("records"), marks.to_dict("records"), strict=True)
    ]
