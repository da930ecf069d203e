"""The settings of labels: which answers there are, and how votes become a label."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from mien.params.section import Count, Name, Names, Positive, Section, Share, no_repeats

ANSWERS = ("yes", "no", "unsure", "not_a_face", "artificial", "taken_back")  # of the ballots


class SimulatedParams(Section):
    """Simulated voters. They vote only on drawn faces, whose truth is known."""

    error_rate: Share = Field(description="The share of their answers that are wrong.")
    absent_rate: Share = Field(description="The share of the faces that a voter does not answer.")
    seed: Count = Field(description="The seed of their random choices.")


class VoteParams(Section):
    """The page that people vote on."""

    repeat_share: Annotated[float, Field(ge=0, le=0.5)] = Field(
        description="The share of faces that a voter is shown a second time, to measure how far "
        "they agree with themselves."
    )
    tags: Annotated[list[Name], Field(max_length=9), AfterValidator(no_repeats)] = Field(
        description="What a voter may add to an answer, nine at most."
    )


class LabelsParams(Section):
    """Which answers voters can give, and how votes become a label."""

    expressions: Names = Field(description="Your classes.")
    voters: Positive | None = Field(
        description="How many people vote on a face. null: as many as have voted."
    )
    quorum: Positive = Field(
        description="How many votes a face needs before its status is final; no more than voters."
    )
    rule: Literal["strict", "majority", "dawid-skene"] = Field(
        description="How votes become a label. strict: more than half of all voters say yes. "
        "majority: more than half of those who voted. dawid-skene: the most probable answer, with "
        "each voter weighed by how reliable they are."
    )
    too_few: Literal["keep", "drop"] = Field(
        description="Whether faces with fewer votes than the quorum keep their first label."
    )
    unvoted: Literal["keep", "drop"] = Field(
        description="Whether faces that nobody voted on take the expression of their source."
    )
    vote: VoteParams
    simulated: SimulatedParams

    @model_validator(mode="after")
    def _expressions_fit(self) -> "LabelsParams":
        if answers := set(ANSWERS) & set(self.expressions):
            raise ValueError(f"{min(answers)!r} is an answer of the ballots and no expression")
        for tag in self.vote.tags:
            if tag in (*self.expressions, *ANSWERS):
                raise ValueError(
                    f"labels.vote.tags has {tag!r}, which is an answer; rename the tag"
                )
        if self.voters is not None and self.quorum > self.voters:
            raise ValueError(
                f"quorum is {self.quorum}, more than the {self.voters} voters; set it to "
                f"{self.voters} or less"
            )
        return self

    def among(self, people: int) -> "CountedLabels":
        """Return the settings where so many people have voted, as `labels.voters` may say.

        No quorum is larger than all voters.
        """
        voters = self.voters or max(people, 1)
        told = {"voters": voters, "quorum": min(self.quorum, voters)}
        return CountedLabels.model_validate(self.model_dump() | told)


class CountedLabels(LabelsParams):
    """The settings of labels once it is known how many people vote on a face."""

    voters: Positive
