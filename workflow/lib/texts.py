"""What rules compare and pass on, as text."""

import json
from collections.abc import Collection, Iterable
from functools import reduce
from operator import getitem

from mien.params import Params

NOTHING = r"(?!)"


def canonical(params: Params, *places: str, but: Collection[str] = ()) -> str:
    """Return settings, such as `faces` or `train.split`, as one text, equal for equal values.

    Snakemake compares the parameters of a rule as a set of values. Two swapped numbers would go
    unseen if they were not in one text. `but` names settings that the rule does not read, such as
    `faces.margin`.
    """
    content = params.model_dump(mode="json")
    for variant in content["variants"].values():
        del variant["seeds"], variant["cross_validate"]  # they say which runs, not how
    for at in but:
        *section, name = at.split(".")
        del reduce(getitem, section, content)[name]
    values = {at: reduce(getitem, at.split("."), content) for at in places}
    return json.dumps(values, sort_keys=True)


def one_of(names: Iterable[str]) -> str:
    """Return the pattern of a wildcard for these names; without any it matches nothing."""
    return "|".join(names) or NOTHING
