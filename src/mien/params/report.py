"""The settings of report: how much its pages show."""

from pydantic import Field

from mien.params.section import Count, Section


class ReportParams(Section):
    """How many pictures the pages of the report show."""

    faces_per_class: Count = Field(description="How many faces each grid shows.")
    faces_per_cell: Count = Field(
        description="How many faces are shown behind each number of a confusion matrix."
    )
    worst_errors: Count = Field(
        description="How many errors are shown, those with the most confidence first."
    )
    scenes_per_source: Count = Field(description="How many pictures of each source are shown.")
