"""How a model sees a face: aligned or not, at its size, in colour or in grey."""

from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """A square, `size_px` a side, or as large as the crop.

    With `aligned` the eyes always lie in the same place; with `points` a face's five points lie as
    near as they can to these, in pixels of the square. In `grey` all channels are the brightness.
    """

    size_px: int | None
    aligned: bool = False
    points: tuple[tuple[float, float], ...] | None = None
    grey: bool = False

    @property
    def needs_eyes(self) -> bool:
        """Whether only a detector that finds eyes shows faces so."""
        return self.aligned or self.points is not None

    def __str__(self) -> str:
        """Return the view in words: its size, and what else is done."""
        parts = ["as large as the crop" if self.size_px is None else f"{self.size_px} px"]
        parts += ["aligned by the eyes"] if self.aligned else []
        parts += ["aligned by five points"] if self.points is not None else []
        return ", ".join(parts + (["grey"] if self.grey else []))
