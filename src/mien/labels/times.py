"""The times of ballots: UTC, in milliseconds, so that they sort as texts."""

from datetime import UTC, datetime


def stamp(time: datetime) -> str:
    """Return the time as, for instance, `2025-05-01T10:00:00.000Z`."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
