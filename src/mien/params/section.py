"""What every section of params.yaml is made of: a strict model, and kinds of values."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from mien.errors import suggestion
from mien.ids import NAME


def _name(text: str) -> str:
    if not re.fullmatch(NAME, text):
        raise ValueError(
            f"{text!r} is no name; it may have lower-case letters, digits, '-' and '_'"
        )
    return text


def no_repeats(values: list[Any]) -> list[Any]:
    """Return the values; raise ValueError when two of them are equal."""
    for place, value in enumerate(values):
        if value in values[:place]:
            raise ValueError(f"{value!r} appears twice")
    return values


Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
Rate = Annotated[float, Field(gt=0)]
Name = Annotated[str, AfterValidator(_name)]
Names = Annotated[list[Name], Field(min_length=2), AfterValidator(no_repeats)]


class Section(BaseModel):
    """A part of params.yaml; keys it does not know are refused."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known(cls, given: Any) -> Any:
        for name in given if isinstance(given, dict) else ():
            if name not in cls.model_fields:
                known = cls.model_fields
                hint = suggestion(str(name), known) or f"; there are {', '.join(known) or 'none'}"
                at = {"name": str(name), "hint": hint}
                raise PydanticCustomError("unknown", "{name} is not a setting{hint}", at)
        return given
