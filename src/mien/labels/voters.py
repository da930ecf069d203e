"""Names of voters, which are also the names of their files."""

import re
import unicodedata

from mien.errors import ParamsError

LONGEST = 40
ORGANISER = "organiser"
SIMULATED = "simulated-"
DEALT = "ferplus-"  # counts dealt out: nobody knows who cast which vote


def voter_name(text: str) -> str:
    """Return the name of the voter's file: the text in NFC, since some systems decompose accents.

    Raises ParamsError unless the name is 1 to 40 letters and digits of any language, `-` and `_`,
    begins with a letter or digit, and is not reserved for voters who are no people.
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
    """Return `; try <the nearest valid name>`, or an empty text."""
    letters = [one if unicodedata.category(one)[0] in "LMN" or one == "_" else "-" for one in name]
    near = re.sub("-+", "-", "".join(letters)).strip("-_")[:LONGEST]
    try:
        return f"; try {voter_name(near)}" if near and near != name else ""
    except ParamsError:
        return ""


def name_key(name: str) -> str:
    """Return a key that is equal for names that differ only in case or compatible letters."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", folded)


def is_dealt(name: str) -> bool:
    """Return whether the voter's votes were dealt out from sums."""
    return name.startswith(DEALT)
