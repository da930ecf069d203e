"""How many scans a JPEG has: each goes over the whole picture, however few bytes it takes."""

import re

MOST_SCANS = 32  # a progressive JPEG has about ten, a plain one at most four
END_OF_IMAGE, START_OF_SCAN = 0xD9, 0xDA
# markers without a length; libjpeg passes over those below C0 where a scan should restart
ALONE = {*range(0x01, 0xC0), *range(0xD0, 0xD9)}
# in a scan's data FF is followed by 00, or is a restart; FF may fill up before a marker
MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])", re.DOTALL)


def has_too_many_scans(data: bytes) -> bool:
    """Return whether a JPEG has more scans than a picture needs, read from its markers alone.

    What lies behind the end of the first picture is not looked at, nor are pictures within its
    segments, such as a preview. Other formats have no scans.
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
