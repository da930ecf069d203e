"""The command that withdraws items, and deletes them wherever they are here."""

from typing import Annotated

import typer

from mien import layout
from mien.options import PARAMS, Settings

Names = list[str] | None


def forget(
    item: Annotated[Names, typer.Option(help="An item's id; of a folder <source>/<file>.")] = None,
    author: Annotated[Names, typer.Option(help="An author, with all that is theirs.")] = None,
    face: Annotated[Names, typer.Option(help="A face_id: the item that shows it.")] = None,
    scene: Annotated[Names, typer.Option(help="A scene_id: the item that shows it.")] = None,
    params: Settings = PARAMS,
) -> None:
    """Withdraw items and delete them here; without options, delete what was withdrawn before."""
    from datetime import UTC, datetime

    from mien.acquire.withdrawn import read_withdrawn, withdrawn
    from mien.forget import ledgers, names
    from mien.forget.purge import Held, purge_downloads, replace, rewriting, sweep
    from mien.forget.survey import check_place, survey
    from mien.forget.traces import left_to_do, traces
    from mien.params import load
    from mien.progress import printable

    check_place()
    settings = load(params)
    ledgers.refuse_missing()
    here, known = survey(settings), read_withdrawn(layout.WITHDRAWN)
    scenes = {*(scene or ()), *names.scenes_of_faces(here, face or ())}
    is_resumed = not Held(here, known).items.empty  # the table has the rows, the work is not done
    items = {*(item or ()), *names.items_of_scenes(here, scenes, is_resumed)}
    items = names.known_items(here, known, items)
    authors = names.known_authors(here, known, author or ())
    held = Held(here, known | withdrawn(items, authors))
    with rewriting(held) as rewritten:
        names.add_rows(layout.WITHDRAWN, items, authors, datetime.now(UTC))
        for line in traces(held, settings):  # told first: once deleted, nothing leads to them
            print(printable(line))
        files = purge_downloads(held)
        sweep(rewritten)
        replace(rewritten)  # last: nothing leads from a scene or a face to its item afterwards
    print(f"scenes: {len(held.scenes)}, faces: {len(held.faces)}, downloaded files: {files}")
    for file in rewritten:
        print(f"written anew: {file.path}")
    for line in left_to_do(held):
        print(printable(line))
