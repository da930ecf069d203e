"""The settings of DVC's part."""

from pydantic import Field

from mien.params.section import Section


class DvcParams(Section):
    """What mien tells DVC."""

    commit: bool = Field(
        description="Whether dvc.lock is brought up to date after a whole run. `dvc exp run` does "
        "so itself."
    )
