"""Names of voters, which name their files too."""

import re
import unicodedata

from mien.errors import ParamsError

LONGEST = 40
ORGANISER = "organiser"
SIMULATED = "simulated-"
DEALT = "ferplus-"  # counts dealt out: nobody knows who cast which vote


def voter_name(text: str) -> str:
    """Return the name as its file is called; some keyboards and file systems take accents apart.

    Raises ParamsError for anything but 1 to 40 letters and digits of any language, `-` and `_`, the
    first a letter or digit, and for a name that mien itself gives to voters who are no persons.
    """
    name = unicodedata.normalize("NFC", text.strip())
    kinds = [unicodedata.category(letter)[0] for letter in name.replace("-", "").replace("_", "")]
    if not (kinds and set(kinds) <= set("LMN") and name[0].isalnum() and len(name) <= LONGEST):
        raise ParamsError(
            f"{text[: 2 * LONGEST]!r} is no voter's name; it may have letters, digits, '-' and "
            f"'_', begins with a letter or digit and has at most {LONGEST} of them{_example(name)}"
        )
    if name_key(name).startswith((SIMULATED, DEALT)):
        raise ParamsError(f"{name!r} is the name of a voter who is no person; take another")
    if name_key(name) == ORGANISER:
        raise ParamsError(f"{name!r} is what the organiser is called; take another name")
    return name


def _example(name: str) -> str:
    """Return the nearest name that can be one, as a clause of a sentence; nothing without one."""
    letters = [one if unicodedata.category(one)[0] in "LMN" or one == "_" else "-" for one in name]
    near = re.sub("-+", "-", "".join(letters)).strip("-_")[:LONGEST]
    try:
        return f"; try {voter_name(near)}" if near and near != name else ""
    except ParamsError:
        return ""


def name_key(name: str) -> str:
    """Return what two voters' names may not share: names that look or file alike, case aside."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", folded)


def is_dealt(name: str) -> bool:
    """Return whether the voter's votes are sums dealt out, of which the sums alone are true."""
    return name.startswith(DEALT)
