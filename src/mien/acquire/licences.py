"""Licences: Flickr's numbers for them, their short names, and the pages that hold their terms."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Licence:
    """A licence's short name, and its official page, if it has one."""

    name: str
    url: str = ""


def _creative_commons(terms: str, version: str) -> Licence:
    """Return the licence for terms such as `BY-NC`."""
    url = f"https://creativecommons.org/licenses/{terms.lower()}/{version}/"
    return Licence(f"CC {terms} {version}", url)


CC0 = Licence("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/")

# as flickr.photos.licenses.getInfo numbers them
LICENCES = {
    0: Licence("All rights reserved"),
    1: _creative_commons("BY-NC-SA", "2.0"),
    2: _creative_commons("BY-NC", "2.0"),
    3: _creative_commons("BY-NC-ND", "2.0"),
    4: _creative_commons("BY", "2.0"),
    5: _creative_commons("BY-SA", "2.0"),
    6: _creative_commons("BY-ND", "2.0"),
    7: Licence("No known copyright restrictions", "https://www.flickr.com/commons/usage/"),
    8: Licence("United States Government Work", "https://www.usa.gov/government-copyright"),
    9: CC0,
    10: Licence("Public Domain Mark 1.0", "https://creativecommons.org/publicdomain/mark/1.0/"),
    11: _creative_commons("BY", "4.0"),
    12: _creative_commons("BY-SA", "4.0"),
    13: _creative_commons("BY-ND", "4.0"),
    14: _creative_commons("BY-NC", "4.0"),
    15: _creative_commons("BY-NC-SA", "4.0"),
    16: _creative_commons("BY-NC-ND", "4.0"),
}

URLS = {licence.name: licence.url for licence in LICENCES.values()} | {
    "CC0-1.0": CC0.url,  # the name in SPDX, which drawn scenes have
    # YouTube's only one; it links to version 3.0
    "Creative Commons Attribution license (reuse allowed)": _creative_commons("BY", "3.0").url,
}


def licence_url(name: str) -> str | None:
    """Return the page with a licence's terms, None if no page is known.

    Some sources, such as archive.org, give the page for a name.
    """
    if name.startswith(("https://", "http://")):
        return name
    return URLS.get(name) or None
