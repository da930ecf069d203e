"""What dvc.yaml says: which stage owns which output."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import yaml

LEDGERS = "provenance/"


class Stages:
    """The stages of DVC and their outs: files, or folders where the name has no ending."""

    def __init__(self, path: Path) -> None:
        stages = yaml.safe_load(path.read_text(encoding="utf-8"))["stages"]
        self.names = list(stages)
        self.frozen = [name for name, stage in stages.items() if stage.get("frozen")]
        self.owners = {
            out if isinstance(out, str) else next(iter(out)): name
            for name, stage in stages.items()
            for kind in ("outs", "metrics", "plots")
            for out in stage.get(kind, [])
        }

    @property
    def folders(self) -> list[str]:
        """Return the outs that are folders."""
        return [out for out in self.owners if not PurePosixPath(out).suffix]

    def owner(self, output: str) -> str:
        """Return the stage of an output; raise RuntimeError when it belongs to none."""
        for place in (output, *map(str, PurePosixPath(output).parents)):
            if place in self.owners:
                return self.owners[place]
        raise RuntimeError(f"{output} is made by a rule but belongs to no stage of dvc.yaml")

    def files(self, frozen: bool = True) -> Iterator[str]:
        """Yield every file in the outs, hidden ones and ledgers left out.

        `frozen` says whether those of frozen stages are among them.
        """
        for out, owner in self.owners.items():
            if out.startswith(LEDGERS) or (owner in self.frozen and not frozen):
                continue
            if os.path.isfile(out):
                yield out
            for folder, _, names in os.walk(out):
                yield from (os.path.join(folder, name) for name in names if name[0] != ".")
