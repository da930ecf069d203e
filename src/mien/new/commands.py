"""The command that makes a project for a person's own pictures."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from mien import layout

NAME_SOURCES = (
    "  edit data/sources.csv # a line for each folder: party,folder,/home/me/party,1000,,\n"
)
NAME_GROUPS = (
    "  edit data/sources.csv # group: who is on a picture; ^(.+)_[0-9]+ takes ada from ada_1.jpg\n"
)
NEXT = """\
Next:
{steps}  snakemake faces       # finds and crops the faces
  mien vote             # people label them in their browsers
  snakemake             # trains, compares and writes metrics/report.html
`mien doctor` says at any time what is missing or wrong; README.md there has the rest."""


def new(
    folder: Annotated[Path, typer.Argument(help="Where the project shall be; it may exist.")],
    expressions: Annotated[
        str, typer.Option(help="Your classes, with commas between them: smiling,serious")
    ] = "",
    pictures: Annotated[
        list[Path] | None,
        typer.Option(
            help="A folder of your pictures; if it has a folder for each class, those are the "
            "first labels. Can be given several times."
        ),
    ] = None,
) -> None:
    """Make a project for your own pictures, or add what a folder lacks to be one.

    Nothing that is there is written over. The project gets its own copy of mien's code, so that its
    results stay as they are when mien changes.
    """
    from mien.errors import MienError
    from mien.new import project

    if folder.exists() and not folder.is_dir():
        raise MienError(f"{folder}: a file is there; name a folder")
    given = {"--expressions": expressions, "--pictures": pictures}
    for option, path in (("--expressions", layout.PARAMS), ("--pictures", layout.SOURCES)):
        if given[option] and (folder / path).exists():
            raise MienError(f"{option}: {folder / path} is there already; edit it instead")
    settings = project.settings([name.strip() for name in expressions.split(",") if name.strip()])
    # without pictures nothing is read: the settings may be of the folder's own, other code
    names = project.classes(folder, settings) if pictures else []
    rows = project.source_rows(pictures or [], names)
    lacking = list(project.missing(folder))
    for source, path in lacking:
        texts = {layout.PARAMS: settings, layout.SOURCES: project.sources(rows)}
        project.add(source, folder / path, texts.get(path))
    begun = project.begin_git(folder)
    if not lacking and not begun:
        print(f"{folder} lacks nothing to be a project")
        return
    counted = f"{len(lacking)} file{'' if len(lacking) == 1 else 's'}"
    print(f"{folder} is a project now: {counted} added")
    if not project.has_git():
        print("git is not installed here: results are not versioned, and nothing can be pushed")
    for picked in pictures or []:
        if left := project.unlabelled(picked, names):
            print(f"note: {picked}: {left}")
    sources = NAME_GROUPS if rows else NAME_SOURCES
    enter = "" if folder.samefile(Path()) else f"  cd {shlex.quote(str(folder))}\n"
    print(NEXT.format(steps=enter + sources))
