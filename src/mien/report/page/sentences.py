"""The sentences of the report, as people read them."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from mien.acquire.sources import public_address
from mien.evaluate.files import NoPair, Pair
from mien.params import AnyVariant, CountedLabels, NetworkVariant, Params, Variant
from mien.words import count, listing, signed, spaced


def web_link(url: str) -> str | None:
    """Return the address where it is one of the web, so that no other link can be clicked.

    A user's name and password in it are left out.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracket that is not closed
        return None
    return public_address(url) if parts.scheme in ("http", "https") and parts.hostname else None


def groups_noun(sources: pd.DataFrame) -> str:
    """Return what the groups are called; a source with a pattern decides that by itself."""
    casts = set(sources["kind"]) == {"drawn"} and sources["group"].isna().all()
    return "drawn casts" if casts else "groups"


def pair_sentence(pair: Pair | NoPair, is_only_one: bool = False) -> str:
    """Return what the comparison of two variants says, in words.

    Where it is the only one, there are no others for its p to be adjusted for.
    """
    a, b = pair.a, pair.b
    if isinstance(pair, NoPair):
        return f"{a} and {b} cannot be compared: {pair.reason}."
    difference, low, high = (100 * value for value in (pair.difference, pair.low, pair.high))
    chance = p_value(pair.p_value)
    if not is_only_one:
        chance += f", {p_value(pair.p_adjusted)} for all pairs together"
    on = f"{chance}, on {count(pair.faces, 'faces')} both predicted"
    if not pair.reliable:
        on += f" (of {count(pair.groups, 'groups')} only: unreliable)"
    if low > 0:
        return f"{a} is better than {b} by {difference:.1f} points ({low:.1f} to {high:.1f}), {on}."
    if high < 0:
        return (
            f"{b} is better than {a} by {-difference:.1f} points ({-high:.1f} to {-low:.1f}), {on}."
        )
    return (
        f"No difference shown between {a} and {b}: {signed(difference)} points "
        f"({signed(low)} to {signed(high)}), {on}."
    )


def value(setting: Any) -> str:
    """Return the value of a setting as it is read: `on`, `none`, `happy and angry`, `64`."""
    if isinstance(setting, bool) or setting is None:
        return {True: "on", False: "off", None: "none"}[setting]
    return listing([str(one) for one in setting]) if isinstance(setting, list) else str(setting)


def switch(name: str, setting: Any) -> str:
    """Return a switch of a variant that is on: its name, and its value where it has a third."""
    return spaced(name) if setting is True else f"{spaced(name)} {value(setting)}"


def p_value(chance: float) -> str:
    """Return 0.0312 as `p = 0.031`, and what is below 0.001 as that."""
    return "p < 0.001" if chance < 0.001 else f"p = {chance:.3f}"


def rivals(names: Sequence[str]) -> str:
    """Return that the best variant is not shown to beat these, as a sentence, or nothing."""
    return f"These faces do not show it to be better than {listing(names)}." if names else ""


def rule_sentence(labels: CountedLabels) -> str:
    """Return when a face keeps a label, by `labels.rule`."""
    sentences = {
        "strict": "A face keeps its first label only when more than half of "
        f"{count(labels.voters, 'voters')} say yes to it.",
        "majority": "A face keeps its first label only when more than half of those who reviewed "
        "it say yes; where nobody did, when more than half of the votes of round one are for it.",
        "dawid-skene": "A face has the expression that is the most probable by Dawid and Skene's "
        "model of all votes, and none where that is less probable than not, or most reviewers "
        "deny it.",
    }
    few = "keeps its first label" if labels.too_few == "keep" else "has no label"
    return f"{sentences[labels.rule]} A face with fewer votes than {labels.quorum} {few}."


def weights_sentence(variant: AnyVariant, params: Params) -> str:
    """Return where the variant's weights came from before it was trained, or its features."""
    if not isinstance(variant, NetworkVariant):
        asked = [(name, params.features[name]) for name in variant.features]
        told = [(name, extractor.weights, extractor.view) for name, extractor in asked]
        return "; ".join(
            f"{name}, {file_sentence(file, params) if file else 'no file'}, {view}"
            for name, file, view in told
        )
    if variant.file is None:
        network = "" if variant.weights == "random" else f", network {variant.weights}"
        return f"random{network}: nothing was pretrained"
    return file_sentence(variant.file, params)


def file_sentence(name: str, params: Params) -> str:
    """Return where a file of weights comes from, and its hash."""
    weights = params.acquire.weights[name]
    origin = urlsplit(weights.url).hostname if weights.url else "a file"
    return f"{name} from {origin}, SHA-256 {weights.sha256[:12]}…"


def settings_text(variant: Variant) -> str:
    """Return the settings that differ from the family's recipe, as `name value` pairs."""
    settings = variant.model_dump(exclude_unset=True).get("settings", {})
    pairs = [f"{name} {json.dumps(value)}" for name, value in settings.items()]
    return ", ".join(pairs) or "the recipe's"
