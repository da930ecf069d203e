"""Names of voters, which name their files too."""

import unicodedata

from mien.errors import ParamsError

LONGEST = 40
SIMULATED = "simulated-"


def voter_name(text: str) -> str:
    """Return the name as its file is called; some keyboards and file systems take accents apart.

    Raises ParamsError for anything but 1 to 40 letters and digits, of any language, and `-` and
    `_` between them, and for the name of a simulated voter.
    """
    name = unicodedata.normalize("NFC", text.strip())
    inner = name.replace("-", "").replace("_", "")
    if not (inner.isalnum() and name[0].isalnum() and len(name) <= LONGEST):
        raise ParamsError(
            f"{text[: 2 * LONGEST]!r} is no voter's name; it may have letters, digits, '-' and "
            f"'_', begins with a letter or digit and has at most {LONGEST} of them"
        )
    if name.casefold().startswith(SIMULATED):
        raise ParamsError(f"{name!r} is the name of a simulated voter; take another")
    return name
