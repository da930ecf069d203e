"""Reading a video from a file that is not on the disk, such as one on a server."""

from typing import BinaryIO


class Watched:
    """A file that remembers a failure to read it, which FFmpeg may take for its end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.failure: Exception | None = None
        self.seek, self.tell = file.seek, file.tell

    def read(self, count: int) -> bytes:
        """Return the next bytes; raise the failure from then on."""
        if self.failure is not None:
            raise self.failure
        try:
            return self._file.read(count)
        except Exception as failure:
            self.failure = failure
            raise
