"""How many scans a JPEG has: decoding one takes a pass over the whole picture, even if empty."""

import re

MOST_SCANS = 32  # a progressive JPEG has about ten, a plain one at most four
END_OF_IMAGE, START_OF_SCAN = 0xD9, 0xDA
# markers without a length; libjpeg skips those below C0 where a scan should restart
ALONE = {*range(0x01, 0xC0), *range(0xD0, 0xD9)}
# in a scan's data FF is followed by 00, or is a restart; FF may fill up before a marker
MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])", re.DOTALL)


def has_too_many_scans(data: bytes) -> bool:
    """Return whether the data is a JPEG of more than 32 scans, by its markers alone.

    Looks neither beyond the end of the first picture, nor at previews inside its segments.
    """
    if not data.startswith(b"\xff\xd8\xff"):
        return False
    scans, place = 0, 2
    while (marker := MARKER.search(data, place)) and scans <= MOST_SCANS:
        kind, place = marker[1][0], marker.end()
        if kind == END_OF_IMAGE:
            break
        scans += kind == START_OF_SCAN
        if kind not in ALONE:
            place += int.from_bytes(data[place : place + 2], "big")
    return scans > MOST_SCANS
