"""The settings of acquire: how pictures, videos and pretrained weights are fetched."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from mien.params.section import Positive, Rate, Section, Share, no_repeats

Licence = Annotated[int, Field(ge=0, le=16)]


def weights_name(text: str) -> str:
    """Return the name of a file in data/weights; raise ValueError when it cannot be one."""
    if text == "random" or text.endswith(".yaml"):
        raise ValueError(f"{text!r} stands for random weights; give the file another name")
    if "/" in text or text.startswith(".") or not text.isprintable() or not text:
        raise ValueError(f"{text!r} is no name of a file in data/weights")
    return text


class Weights(Section):
    """Where a file of pretrained weights comes from, and the hash it must have."""

    url: str | None = Field(default=None, description="Where to download the file from.")
    path: Path | None = Field(default=None, description="Where the file is on this machine.")
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="The SHA-256 of the file. A file with another hash is refused."
    )

    @model_validator(mode="after")
    def _one_origin(self) -> "Weights":
        if (self.url is None) == (self.path is None):
            raise ValueError("weights have either a url or a path")
        return self


class AcquireParams(Section):
    """How pictures, videos and pretrained weights are fetched."""

    max_megapixels: Rate = Field(
        description="Pictures that are larger, by their header, are skipped unread."
    )
    timeout_s: Rate = Field(
        description="A request is given up when the server is silent for so long, or when one "
        "photo takes longer."
    )
    tries: Positive = Field(
        description="How often a request is tried, with growing pauses. A pause that the server "
        "asks for is kept."
    )
    photos_at_a_time: Positive = Field(
        description="How many photos are fetched in parallel, over all sources together."
    )
    calls_per_hour: Positive = Field(
        description="How often Flickr's search is called at most. Flickr allows 3600 for a key."
    )
    licences: Annotated[list[Licence], Field(min_length=1), AfterValidator(no_repeats)] = Field(
        description="The licences that a photo may have, by Flickr's numbers: 4 CC BY 2.0, 5 CC "
        "BY-SA 2.0, 9 CC0, 10 public domain mark, 11 CC BY 4.0, 12 CC BY-SA 4.0."
    )
    photo_size_px: Positive = Field(
        description="Of each photo the largest size is taken whose longer side is no more."
    )
    every_s: Rate = Field(description="The time from one frame taken of a video to the next.")
    min_change: Share = Field(
        description="A frame is left out when it differs less from the last one that was kept. "
        "0 keeps all."
    )
    height_px: Positive = Field(
        description="Of each video the best version is taken up to this height."
    )
    sleep_s: Annotated[float, Field(ge=0)] = Field(
        description="The pause between two videos. A random part is added, up to as long again."
    )
    max_mb_per_s: Rate | None = Field(
        description="The fastest that a video may be downloaded. null: no limit."
    )
    weights: dict[Annotated[str, AfterValidator(weights_name)], Weights] = Field(
        description="Files of pretrained weights by their names. A file is fetched into "
        "data/weights/ when the detector or a variant asks for it."
    )
