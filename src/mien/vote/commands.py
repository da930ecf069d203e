"""`mien vote`: the page that a group labels faces on."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated

import typer

from mien import layout
from mien.options import PARAMS, Settings

if TYPE_CHECKING:
    from mien.params import LabelsParams
    from mien.vote.voting import Voting

app = typer.Typer(help="Let people vote on faces in their browsers.")

PORT = 8474


@app.callback(invoke_without_command=True)
def vote(
    context: typer.Context,
    voter: Annotated[list[str] | None, typer.Option(help="Who shall vote.")] = None,
    host: Annotated[str, typer.Option(help="0.0.0.0: for voters on your network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: any that is free.", min=0, max=65535)] = PORT,
    suspected: Annotated[
        bool, typer.Option("--suspected", help="Ask anew about faces whose labels are doubted.")
    ] = False,
    params: Settings = PARAMS,
) -> None:
    """Serve the page to vote on, until Ctrl+C; `mien vote links` shows the voters' links."""
    if context.invoked_subcommand:
        return
    from mien.labels.ballots import refuse_strays
    from mien.params import load
    from mien.progress import say
    from mien.serving import is_loopback, listen, serve, shown_host
    from mien.vote.ballot_box import BallotBox, alone
    from mien.vote.links import invite
    from mien.vote.pictures import Pictures
    from mien.vote.server import application

    settings = load(params).labels
    _need_faces()
    refuse_strays(layout.BALLOTS)
    box = BallotBox(layout.BALLOTS, settings.expressions)
    for name in voter or ():
        invite(layout.LINKS, name, box.voters)
    with alone(layout.VOTE_LOCK), listen(host, port) as socket:
        for place in box.tidy():
            say(f"{place}: a torn last line was left out; its voter's browser sends it again")
        voting = _voting(settings)
        if suspected:
            _look_again(voting.kept)
            voting.refresh()
        address = f"http://{shown_host(host)}:{socket.getsockname()[1]}"
        _welcome(address, voting.round, len(voting.kept), settings.voters)
        if not is_loopback(host):
            say("answers travel unencrypted: let only people on a network you trust vote")
        pictures = Pictures(voting.face, layout.CROPS, layout.SCENES)
        serve(application(voting, pictures, layout.LINKS), socket)


@app.command()
def links(
    voter: Annotated[
        list[str] | None, typer.Argument(help="Who shall have one; none: all.")
    ] = None,
    address: Annotated[str, typer.Option(help="How voters reach the page.")] = (
        f"http://127.0.0.1:{PORT}"
    ),
    without: Annotated[
        list[str] | None, typer.Option(help="Whose link to take back; only before they vote.")
    ] = None,
) -> None:
    """Show the links, which are secret: whoever has one votes under that name."""
    from mien.labels.ballots import ballot_files, voter_of
    from mien.progress import say
    from mien.vote.links import invite, read_links, take_back

    voted = [voter_of(path) for path in ballot_files(layout.BALLOTS)]
    for name in without or ():
        take_back(layout.LINKS, name, voted)
        say(f"{name} is no longer invited")
    invited = [invite(layout.LINKS, name, voted) for name in voter or ()]
    shown = invited or list(read_links(layout.LINKS))
    width = max(len(name) for name, _ in shown)
    for name, token in shown:
        print(f"{name:<{width}}  {address}/#{token}")


@app.command()
def close(
    round_name: Annotated[
        str, typer.Argument(metavar="ROUND", help="label, review or second_look.")
    ],
    params: Settings = PARAMS,
) -> None:
    """Close a round: nobody can vote in it any more, and the next one is open."""
    from mien.params import load
    from mien.progress import say
    from mien.vote.outcome import in_words

    settings = load(params).labels
    _need_faces()
    voting = _voting(settings)
    told = voting.outcome()
    following = voting.close(round_name)
    opened = f"{following} is open" if following else "it was the last: now run `snakemake`"
    say(f"the round {round_name} is closed; {opened}")
    for line in in_words(told):
        say(line)
    say(f"to open it again, delete its line in {layout.ROUNDS}")


def _need_faces() -> None:
    from mien.errors import SourceError

    if not layout.INDEX.exists():
        raise SourceError(f"{layout.INDEX}: no faces to vote on yet; run `snakemake faces`")


def _voting(settings: "LabelsParams") -> "Voting":
    """Return the open round of this folder."""
    from mien.vote.ballot_box import BallotBox
    from mien.vote.links import read_links
    from mien.vote.voting import Voting

    box = BallotBox(layout.BALLOTS, settings.expressions)
    return Voting(settings, box, lambda: read_links(layout.LINKS).voters)


def _look_again(kept: Collection[str]) -> None:
    """Offer the kept faces whose labels are doubted for a second look."""
    from datetime import UTC, datetime

    from mien.errors import SourceError
    from mien.evaluate.tables import SUSPECTED
    from mien.progress import say
    from mien.tables import read_csv
    from mien.vote.rounds import begin_second_look

    if not layout.SUSPECTED.exists():
        raise SourceError(f"{layout.SUSPECTED}: no model was asked for doubts yet; run `snakemake`")
    doubted = read_csv(layout.SUSPECTED, SUSPECTED)
    here = doubted[doubted["face_id"].isin(list(kept))]
    new = begin_second_look(layout.ROUNDS, layout.SECOND_LOOK, here, datetime.now(UTC))
    say(f"second look: {new} faces more, of {len(doubted)} whose labels are doubted")


def _welcome(address: str, round_name: str | None, faces: int, voters: int | None) -> None:
    """Say where the page is; the secret links are for a terminal only, not for a log."""
    import sys

    from mien.progress import say
    from mien.vote.links import read_links

    known = read_links(layout.LINKS)
    state = (
        f"round {round_name}"
        if round_name
        else f"all rounds are closed; to open one again, delete its line in {layout.ROUNDS}"
    )
    of = "" if voters is None else f" of {voters}"
    say(f"voting: {state}, {faces} faces, {len(known.voters)} voters{of}, {address}")
    if voters is not None and len(known.voters) > voters:
        say(f"more people have a link than labels.voters, {voters}: set it to null in params.yaml")
    if not sys.stderr.isatty():
        say(f"the links are shown by: mien vote links --address {address}")
        return
    for name, token in known:
        say(f"  {name}  {address}/#{token}")
    say("Invite voters on the organiser's page. Ctrl+C ends; every answer is kept.")
