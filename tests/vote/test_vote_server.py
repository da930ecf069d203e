"""The voting server: real processes and requests, killed, attacked and out of disk."""

import csv
import hashlib
import json
import resource
import socket
import struct
import subprocess
import threading
import time
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from itertools import count

import forked
import httpx
import pyarrow.parquet as pq
import pytest
from voting import Booth

VOTES = ["angry", "happy", "neutral", "surprised"]
GUESTS = count()
BEGIN = datetime(2025, 5, 1, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def open_booth(voting_project, tmp_path_factory):
    """A server for all tests that do it no harm, each with a voter of its own."""
    booth = Booth.copied(voting_project, tmp_path_factory.mktemp("open") / "booth").start(
        fresh=True
    )
    yield booth
    booth.kill()


@pytest.fixture
def guest():
    """The name of a voter who never voted."""
    return f"guest-{next(GUESTS)}"


def ballot(face: str, number: int = 0, **changes: object) -> dict[str, object]:
    at = (BEGIN + timedelta(milliseconds=number)).isoformat(timespec="milliseconds")
    base = {"face_id": face, "round": "label", "vote": VOTES[number % 4], "cast_at": at}
    return base | changes


def send(client: httpx.Client, *ballots: dict[str, object]) -> httpx.Response:
    """Send ballots as the page does: again after a while, when there were too many requests."""
    while True:
        answer = client.post("/api/ballots", json={"ballots": list(ballots)})
        if answer.status_code != 429:
            return answer
        time.sleep(float(answer.headers["Retry-After"]))


def upcoming(client: httpx.Client, limit: int = 200) -> list[str]:
    return [item["face_id"] for item in client.get(f"/api/faces?limit={limit}").json()["next"]]


def votes(booth: Booth, voter: str) -> list[str]:
    return [row["vote"] for row in booth.ballots(voter)]


def test_ballots_are_written_as_the_table_has_them(open_booth, guest):
    with open_booth.client(guest) as ada:
        item = ada.get("/api/faces?limit=1").json()["next"][0]
        sent = ballot(item["face_id"], 1, also="angry", tags=["glasses", "covered"])
        assert send(ada, sent).json() == {"saved": 1, "refused": []}
    (row,) = open_booth.ballots(guest)
    index = (open_booth.folder / "data/faces.csv").read_text()
    place = ",".join(row[name] for name in ("x", "y", "width", "height"))
    assert f"{row['face_id']}," in index
    assert f"{row['scene_id']},{place}," in index
    assert (row["vote"], row["also"], row["tags"]) == ("happy", "angry", "glasses covered")
    assert (row["cast_at"], row["repeat"]) == ("2025-05-01T10:00:00.001Z", "0")


def test_one_ballot_sent_twice_is_one_and_the_last_of_a_face_stands(open_booth, guest):
    with open_booth.client(guest) as ada:
        face = upcoming(ada)[0]
        first = ballot(face, 1)
        assert send(ada, first).json()["saved"] == 1
        assert send(ada, first, first).json()["saved"] == 2
        send(ada, ballot(face, 2), ballot(face, 3, vote=None), ballot(face, 4))
        done = ada.get("/api/faces").json()["done"]
        assert [(item["face_id"], item["vote"]) for item in done] == [(face, "angry")]
        assert ada.get("/api/session").json()["done"] == 1
    assert votes(open_booth, guest) == ["happy", "neutral", "taken_back", "angry"]


def test_four_voters_at_once_lose_no_acknowledged_vote_to_a_kill(booth):
    names = ["ada", "ben", "cy", "dee"]
    acknowledged: dict[str, list[tuple[str, str]]] = {name: [] for name in names}
    gone, back = threading.Event(), threading.Event()

    def vote(name: str) -> None:
        with booth.client(name) as client:
            faces, number = upcoming(client), 0
            while number < 300:
                sent = ballot(faces[number % len(faces)], number)
                try:
                    answer = send(client, sent)
                except httpx.TransportError:
                    gone.set()
                    assert back.wait(60)
                    continue  # the same ballot again, as a browser's queue does
                assert answer.json()["saved"] == 1
                acknowledged[name].append((sent["face_id"], sent["vote"]))
                number += 1

    for name in names:
        booth.token(name)
    threads = [threading.Thread(target=vote, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    while sum(map(len, acknowledged.values())) < 500:
        time.sleep(0.01)
    booth.kill()
    assert gone.wait(60)
    booth.start()
    back.set()
    for thread in threads:
        thread.join()
    for name in names:
        rows = booth.ballots(name)
        assert [(row["face_id"], row["vote"]) for row in rows] == acknowledged[name]
        assert len(rows) == 300
        content = (booth.folder / f"data/ballots/{name}.csv").read_bytes()
        assert content.count(b"\n") == 301


def test_a_torn_line_is_closed_off_at_the_start_and_never_a_vote(booth):
    with booth.client("ada") as ada:
        faces = upcoming(ada)
        send(ada, *(ballot(face, number) for number, face in enumerate(faces[:3])))
    booth.kill()
    path = booth.folder / "data/ballots/ada.csv"
    whole = path.read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    for cut in (1, 20, len(last) - 2, len(last) - 3):
        path.write_bytes(whole + last[:cut])
        booth.start()
        assert any("torn last line" in line for line in booth.said)
        assert path.read_bytes() == whole
        booth.kill()


def test_a_file_from_a_spreadsheet_goes_on_in_the_same_form(booth):
    with booth.client("ada") as ada:
        send(ada, ballot(upcoming(ada)[0], 1))
    booth.kill()
    path = booth.folder / "data/ballots/ada.csv"
    rows = [line.split(",") for line in path.read_text().splitlines()]
    path.write_text("\r\n".join(";".join(reversed(row)) for row in rows))
    booth.start()
    with booth.client("ada") as ada:
        send(ada, ballot(upcoming(ada)[0], 2))
    assert votes(booth, "ada") == ["happy", "neutral"]


def test_a_file_that_is_no_ballots_stops_the_start_with_its_line(booth):
    booth.kill()
    path = booth.folder / "data/ballots/ada.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text("face_id,vote\n1,happy\n")
    done = booth.mien("vote", "--port", "0")
    assert done.returncode == 2
    assert done.stderr.startswith("mien: data/ballots/ada.csv, line 1: the column 'scene_id'")
    assert path.read_text() == "face_id,vote\n1,happy\n"


def test_a_full_disk_is_told_and_leaves_no_torn_line(booth):
    with booth.client("ada") as ada:
        faces = upcoming(ada)
        send(ada, ballot(faces[0], 1))
        path = booth.folder / "data/ballots/ada.csv"
        before, size = path.read_bytes(), path.stat().st_size
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(booth.pid, resource.RLIMIT_FSIZE, (size + 30, unlimited[1]))
        answer = send(ada, ballot(faces[1], 2))
        assert answer.status_code == 507
        assert "written" in answer.json()["error"]
        assert path.read_bytes() == before
        resource.prlimit(booth.pid, resource.RLIMIT_FSIZE, unlimited)
        assert send(ada, ballot(faces[1], 2)).json()["saved"] == 1
    assert votes(booth, "ada") == ["happy", "neutral"]


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own, of 48 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def test_a_full_disk_is_one_answer_and_one_line_whatever_was_to_be_saved(
    voting_project, small_disk
):
    booth = Booth.copied(voting_project, small_disk / "booth").start()
    try:
        with booth.client("ada") as ada, booth.client("organiser") as organiser:
            face = upcoming(ada)[0]
            files = sorted(path for path in booth.folder.rglob("*") if path.is_file())
            with suppress(OSError), (small_disk / "filler").open("wb", buffering=0) as filler:
                while filler.write(bytes(4096)) == 4096:
                    pass
            answers = [
                send(ada, ballot(face)),
                organiser.post("/api/voters", json={"name": "ben"}),
                organiser.post("/api/close", json={"round": "label"}),
            ]
            assert [answer.status_code for answer in answers] == [507] * 3
            assert len({answer.json()["error"] for answer in answers}) == 1
            assert "the organiser's disk is full" in answers[0].json()["error"]
            assert sorted(path for path in booth.folder.rglob("*") if path.is_file()) == files
            (small_disk / "filler").unlink()
            assert send(ada, ballot(face)).json()["saved"] == 1
            assert organiser.post("/api/voters", json={"name": "ben"}).json()["name"] == "ben"
            assert organiser.post("/api/close", json={"round": "label"}).json()["round"] == "review"
    finally:
        booth.kill()
    said = booth.logged.splitlines()
    assert [line.split(": ")[0] for line in said] == [
        f"nothing was saved of what /api/{path} was asked"
        for path in ("ballots", "voters", "close")
    ]


def test_a_client_that_hangs_up_leaves_no_traceback(booth):
    host, port = booth.address.removeprefix("http://").split(":")
    token = booth.token("ada")
    with booth.client("ada") as ada:
        item = upcoming(ada)[0]
    requests = [
        "POST /api/ballots HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 900",
        f"GET /api/faces/{item}/scene HTTP/1.1\r\nConnection: keep-alive",
        "GET /api/faces?limit=200 HTTP/1.1\r\nConnection: keep-alive",
    ]
    for request in requests * 5:
        with socket.create_connection((host, int(port))) as connection:
            linger = struct.pack("ii", 1, 0)  # the end comes at once and rudely
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            head = f"{request}\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n{{"
            connection.sendall(head.encode())
            time.sleep(0.05)
    with booth.client("ada") as ada:
        assert send(ada, ballot(item)).json()["saved"] == 1
    booth.kill()
    assert booth.logged == ""


def test_two_servers_on_one_folder_are_one_too_many(booth):
    done = booth.mien("vote", "--port", "0")
    assert done.returncode == 2
    assert done.stderr == (
        f"mien: another `mien vote` serves this folder, process {booth.pid}; stop it first\n"
    )


def test_a_taken_port_is_told_in_one_line(booth, voting_project, tmp_path):
    other = Booth.copied(voting_project, tmp_path / "other")
    port = booth.address.rpartition(":")[2]
    done = other.mien("vote", "--port", port)
    assert done.returncode == 2
    assert done.stderr.startswith(f"mien: 127.0.0.1, port {port}: Address already in use; take")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"face_id": "0" * 16}, "there is no such face to vote on"),
        ({"face_id": "../../params.yaml"}, "there is no such face to vote on"),
        ({"vote": "yes"}, "the vote must be one of"),
        ({"vote": "=cmd()"}, "the vote must be one of"),
        ({"asked": "happy"}, "the face was asked about otherwise"),
        ({"also": "joy"}, "the second expression must be another one"),
        ({"tags": ["=cmd()"]}, "the tags must be among"),
        ({"cast_at": "0001-01-01T00:00:00+05:00"}, "it was not cast by now"),
        ({"cast_at": "2125-01-01T00:00:00Z"}, "it was not cast by now"),
    ],
)
def test_what_is_no_answer_is_refused_alone_and_the_rest_saved(open_booth, guest, change, reason):
    with open_booth.client(guest) as ada:
        good, other = upcoming(ada)[:2]
        answer = send(ada, ballot(other, 1) | change, ballot(good, 2)).json()
        assert answer["saved"] == 1
        assert answer["refused"][0]["reason"].startswith(reason)
    assert len(open_booth.ballots(guest)) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"ballots": []}', b'{"ballots": [{"face_id": 1}]}', b"\xff", b"null"],
)
def test_what_is_no_request_is_refused(open_booth, guest, body):
    with open_booth.client(guest) as ada:
        sent = {"content": body, "headers": {"Content-Type": "application/json"}}
        answer = ada.post("/api/ballots", **sent)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_strangers_get_the_page_and_nothing_else(open_booth):
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTpi"}):
        with httpx.Client(base_url=open_booth.address, headers=headers) as stranger:
            assert stranger.get("/").status_code == 200
            for path in ("session", "faces", "faces/x/crop", "faces/x/scene", "progress"):
                assert stranger.get(f"/api/{path}").status_code == 401
            for path in ("ballots", "voters", "voters/taken_back", "close"):
                assert stranger.post(f"/api/{path}", json={}).status_code == 401


def test_voters_are_no_organisers_and_see_nobody_elses_votes(booth):
    with booth.client("ada") as ada, booth.client("ben") as ben:
        face = upcoming(ada)[0]
        send(ada, ballot(face, 1))
        seen = [ben.get(f"/api/{path}").text for path in ("session", "faces?limit=200")]
        assert not any('"vote":"happy"' in text or "ada" in text for text in seen)
        assert ben.get("/api/progress").status_code == 403
        assert ben.post("/api/close", json={"round": "label"}).status_code == 403
        assert ben.post("/api/voters", json={"name": "eve"}).status_code == 403
    with booth.client("organiser") as organiser:
        assert send(organiser, ballot(face, 1)).status_code == 403


def test_no_path_reaches_the_files(open_booth):
    host, port = open_booth.address.removeprefix("http://").split(":")
    for path in (
        "/page/../../../../params.yaml", "/page/%2e%2e%2fserver.py", "/..%2f..%2fparams.yaml",
        "/page//etc/passwd", "/page/server.py", "/api/faces/..%2f..%2fparams.yaml/crop",
        "//etc/passwd", "/.mien/vote/links.json", "/docs", "/openapi.json",
    ):  # fmt: skip
        with socket.create_connection((host, int(port))) as connection:
            request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
            connection.sendall(request.encode())
            answer = b"".join(iter(lambda c=connection: c.recv(65536), b""))
        status = int(answer.split()[1])
        assert status in (401, 404), path
        assert b"expressions:" not in answer


def test_other_sites_cannot_vote(open_booth, guest):
    with open_booth.client(guest) as ada:
        body = {"ballots": [ballot(upcoming(ada)[0], 1)]}
        for origin in ("https://evil.example", "null", open_booth.address + "0"):
            answer = ada.post("/api/ballots", json=body, headers={"Origin": origin})
            assert answer.status_code == 403
        form = ada.post("/api/ballots", content=json.dumps(body))
        assert form.status_code == 415
        own = ada.post("/api/ballots", json=body, headers={"Origin": open_booth.address})
        assert own.status_code == 200
        assert ada.get("/api/ballots").status_code == 405
        assert "access-control-allow-origin" not in own.headers
    assert len(open_booth.ballots(guest)) == 1


def test_a_body_too_large_is_refused_unread(open_booth, guest):
    with open_booth.client(guest) as ada:
        headers = {"Content-Type": "application/json"}
        answer = ada.post("/api/ballots", content=b" " * 200_000, headers=headers)
        assert answer.status_code == 413
        assert ada.get("/api/session").status_code == 200


def test_a_flood_of_one_voter_is_held_back_and_the_others_vote(booth):
    statuses: list[int] = []
    voted = threading.Event()

    def flood() -> None:
        with booth.client("ada") as ada:
            for _ in range(600):
                statuses.append(ada.get("/api/session").status_code)
                if voted.is_set() and 429 in statuses:
                    break

    booth.token("ada")
    threads = [threading.Thread(target=flood) for _ in range(4)]
    for thread in threads:
        thread.start()
    with booth.client("ben") as ben:
        faces = upcoming(ben)
        assert all(send(ben, ballot(face, n)).json()["saved"] for n, face in enumerate(faces[:20]))
    voted.set()
    for thread in threads:
        thread.join()
    assert set(statuses) == {200, 429}
    assert len(booth.ballots("ben")) == 20


def test_a_crowd_of_silent_and_slow_connections_keeps_no_voter_out(booth):
    host, port = booth.address.removeprefix("http://").split(":")
    beginnings = [
        b"",
        b"GET /api/session HTTP/1.1\r\nHost: x\r\nX-A: ",
        b"POST /api/ballots HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n{",
    ]
    crowd = []
    for number in range(300):
        connection = socket.create_connection((host, int(port)))
        connection.sendall(beginnings[number % 3])
        crowd.append(connection)
    done = threading.Event()

    def drip() -> None:
        while not done.wait(0.05):
            for connection in crowd:
                with suppress(OSError):
                    connection.send(b"a")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        with booth.client("ada") as ada:
            for number, face in enumerate(upcoming(ada)[:10]):
                headers = {"Connection": "close"}  # each vote comes in by the door anew
                body = {"ballots": [ballot(face, number)]}
                assert ada.post("/api/ballots", json=body, headers=headers).json()["saved"] == 1
    finally:
        done.set()
        thread.join()
        for connection in crowd:
            connection.close()
    assert len(booth.ballots("ada")) == 10


def test_headers_keep_the_page_to_itself_and_no_token_is_logged(open_booth, guest):
    with open_booth.client(guest) as ada:
        page = ada.get("/")
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert ada.get("/api/session").headers["Cache-Control"] == "no-store"
    token = open_booth.token(guest)
    assert token not in "".join(open_booth.said)
    command = ["ps", "axww", "-o", "args"]
    assert token not in subprocess.run(command, capture_output=True, text=True, check=True).stdout
    mode = (open_booth.folder / ".mien/vote/links.json").stat().st_mode
    assert mode & 0o077 == 0


@pytest.mark.parametrize(
    "name",
    ["../x", "=cmd()", "", " ", "a/b", "simulated-1", "-x", "a" * 41, "Organiser"],
)
def test_a_name_that_could_do_harm_is_no_voters(open_booth, name):
    with open_booth.client("organiser") as organiser:
        answer = organiser.post("/api/voters", json={"name": name})
        assert answer.status_code == 400
    done = open_booth.mien("vote", "links", "--", name)
    assert done.returncode == 2
    assert name not in open_booth.links()


def test_names_may_be_of_any_language_and_differ_by_more_than_case(booth):
    with booth.client("organiser") as organiser:
        added = organiser.post("/api/voters", json={"name": "Zoe\u0308"}).json()
        assert added["name"] == "Zo\u00eb"
        assert organiser.post("/api/voters", json={"name": "zo\u00eb"}).status_code == 400
        assert organiser.post("/api/voters", json={"name": "Zo\u00eb"}).json() == added
        assert organiser.post("/api/voters", json={"name": "Stra\u00dfe"}).status_code == 200
        for alike in ("STRASSE", "\uff3a\uff2f\u00cb", "zoE\u0308"):
            refused = organiser.post("/api/voters", json={"name": alike})
            assert refused.status_code == 400
            assert "there is a voter" in refused.json()["error"]


def test_a_name_is_taken_by_whoever_voted_under_it_with_a_link_or_without(booth):
    ballots = booth.folder / "data/ballots"
    ballots.mkdir()
    (ballots / "Ada.csv").write_text("")
    with booth.client("organiser") as organiser:
        assert organiser.post("/api/voters", json={"name": "ada"}).status_code == 400
        assert organiser.post("/api/voters", json={"name": "Ada"}).status_code == 200
    done = booth.mien("vote", "links", "ADA")
    assert (done.returncode, done.stderr) == (
        2, "mien: 'ADA': there is a voter 'Ada' already; take another name\n"
    )  # fmt: skip


def test_the_organisers_link_is_shown_beside_a_voter_who_was_called_so_before(booth):
    links = booth.folder / ".mien/vote/links.json"
    known = json.loads(links.read_text())
    links.write_text(json.dumps(known | {"voters": {"organiser": "t" * 32, "ada": "u" * 32}}))
    shown = booth.mien("vote", "links").stdout
    assert [line.split("#")[1] for line in shown.splitlines()] == [
        known["organiser"], "t" * 32, "u" * 32
    ]  # fmt: skip


def test_progress_tells_how_far_and_how_alike_but_not_who_said_what(booth):
    with booth.client("ada") as ada, booth.client("ben") as ben:
        faces = sorted(upcoming(ada))
        send(ada, *(ballot(face, n) for n, face in enumerate(faces[:10])))
        send(ben, *(ballot(face, n) for n, face in enumerate(faces[:5])))
        send(ben, *(ballot(face, n + 1) for n, face in enumerate(faces[5:10], 5)))
    with booth.client("organiser") as organiser:
        told = organiser.get("/api/progress").json()
    assert [(row["name"], row["done"], row["faces"]) for row in told["voters"]] == [
        ("ada", 10, 200),
        ("ben", 10, 200),
    ]
    assert (told["unanimous"], told["complete"], told["needed"]) == (0.5, 0, 4)
    assert 0.2 < told["alpha"] < 0.5


@pytest.fixture
def three(voting_project, tmp_path):
    """A server whose settings name no number of voters, and who is invited: ada, ben and cy."""
    booth = Booth.copied(voting_project, tmp_path / "booth")
    params = booth.folder / "params.yaml"
    params.write_text(params.read_text().replace("  voters: 4\n", "  voters: null\n"))
    booth.start("--voter", "ada", "--voter", "ben", "--voter", "cy")
    yield booth
    booth.kill()


def test_three_people_are_all_voters_there_are_and_closing_tells_what_labels_they_give(three):
    with ExitStack() as stack:
        clients = [stack.enter_context(three.client(name)) for name in ("ada", "ben", "cy")]
        organiser = stack.enter_context(three.client("organiser"))
        faces = sorted(upcoming(clients[0]))
        for number, client in enumerate(clients):
            votes = ["happy"] * 100 + [VOTES[number]] * 60 + ["unsure"] * 20 + ["angry"] * 19
            send(
                client, *(ballot(face, vote=vote) for face, vote in zip(faces, votes, strict=False))
            )
        told = organiser.get("/api/progress").json()
        assert (told["needed"], told["needed_is_set"]) == (3, False)
        assert (told["complete"], told["ties"], told["ties_complete"]) == (199, 60, 60)
        said = organiser.get("/api/outcome").json()
        three.close("label")
        asked = {
            item["face_id"]: item["expression"]
            for item in clients[0].get("/api/faces?limit=200").json()["next"]
        }
        assert said["labelled"] == len(asked) == 120
        assert (said["ties"], said["rejected"], said["kept_unvoted"]) == (60, 20, 1)
        for number, client in enumerate(clients):
            answers = ["yes" if n % 3 or not number else "no" for n in range(120)]
            send(client, *(
                ballot(face, 1, round="review", asked=shown, vote=answer)
                for (face, shown), answer in zip(asked.items(), answers, strict=True)
            ))  # fmt: skip
        said = organiser.get("/api/outcome").json()
        assert (said["labelled"], said["contested"], said["ties"]) == (80, 40, 60)
        closed = three.mien("vote", "close", "review").stderr.splitlines()
        assert closed[0] == "the round review is closed; it was the last: now run `snakemake`"
        assert closed[1] == (
            "80 of 200 faces have a label; without one are 60 tied, 20 voted unsure, not a face or "
            "artificial, 40 without a majority"
        )
        finished = organiser.get("/api/outcome").json()
        assert (finished["round"], finished["labelled"]) == (None, 80)
    places = ["--labels", "l.csv", "--counts", "c.json"]
    files = [f"data/ballots/{name}.csv" for name in ("ada", "ben", "cy")]
    done = three.mien("labels", "consensus", *places, *files)
    assert "; labelled 80" in done.stderr


def test_a_mistyped_voter_is_taken_back_and_no_face_waits_for_them(three):
    with three.client("organiser") as organiser, three.client("ada") as ada:
        send(ada, ballot(upcoming(ada)[0], 1))
        mistyped = organiser.post("/api/voters", json={"name": "adda"}).json()
        assert organiser.get("/api/progress").json()["needed"] == 4
        told = organiser.post("/api/voters/taken_back", json={"name": "adda"})
        assert told.json() == {"name": "adda"}
        assert organiser.get("/api/progress").json()["needed"] == 3
        for name, reason in (("adda", "has no link"), ("ada", "has voted already")):
            refused = organiser.post("/api/voters/taken_back", json={"name": name})
            assert refused.status_code == 400
            assert reason in refused.json()["error"]
        assert ada.post("/api/voters/taken_back", json={"name": "ben"}).status_code == 403
    headers = {"Authorization": f"Bearer {mistyped['token']}"}
    assert httpx.get(f"{three.address}/api/session", headers=headers).status_code == 401
    assert three.mien("vote", "links", "bne").returncode == 0
    shown = three.mien("vote", "links", "--without", "bne").stdout
    assert [line.split()[0] for line in shown.splitlines()] == ["organiser", "ada", "ben", "cy"]


def test_a_tie_counts_while_votes_are_still_to_come(booth):
    with booth.client("ada") as ada, booth.client("ben") as ben, booth.client("organiser") as boss:
        face = upcoming(ada)[0]
        send(ada, ballot(face, vote="happy"))
        assert boss.get("/api/progress").json()["ties"] == 0
        send(ben, ballot(face, vote="angry"))
        told = boss.get("/api/progress").json()
    assert (told["ties"], told["ties_complete"], told["complete"]) == (1, 0, 0)
    assert (told["needed"], told["needed_is_set"]) == (4, True)


def test_a_face_that_is_withdrawn_or_gone_is_shown_and_voted_on_no_more(booth):
    index, items = booth.folder / "data/faces.csv", items_of_faces(booth.folder)
    (booth.folder / "data/sources.csv").write_text(
        "source_id,kind,target,limit,expression,group\n"
        + "".join(f"{name}-1,drawn,{name}-1,8,,\n" for name in VOTES)
    )
    with booth.client("ada") as ada:
        gone, *others = upcoming(ada)
        kept = next(face for face in others if items[face] != items[gone])
        edition = ada.get("/api/session").json()["edition"]
        withdrawn = hashlib.sha256(items[gone].encode()).hexdigest()
        (booth.folder / "data/withdrawn.csv").write_text(
            f"what,sha256,withdrawn_at\nitem,{withdrawn},2026-05-01\n"
        )
        answer = send(ada, ballot(gone), ballot(kept)).json()
        assert answer["saved"] == 1
        assert answer["refused"][0]["face_id"] == gone
        assert answer["refused"][0]["reason"].startswith("the face is gone: it was withdrawn")
        left = upcoming(ada)
        assert {items[face] for face in others} - {items[face] for face in left} == {items[gone]}
        for kind in ("crop", "scene"):
            assert ada.get(f"/api/faces/{gone}/{kind}").status_code == 410
            assert ada.get(f"/api/faces/{kept}/{kind}").status_code == 200
        assert ada.get("/api/session").json()["edition"] != edition
        lines = index.read_text()
        index.write_text(lines.splitlines(keepends=True)[0])  # made anew, and nothing was found
        assert upcoming(ada) == []
        index.unlink()  # being made
        assert ada.get("/api/session").status_code == 503
        index.write_text(lines)
        assert upcoming(ada) == left
    assert [row["face_id"] for row in booth.ballots("ada")] == [kept]


def items_of_faces(folder) -> dict[str, str]:
    """Return the item that each face was found in."""
    shards = sorted(folder.glob("data/scenes/*.parquet"))
    rows = [row for shard in shards for row in pq.read_table(shard).to_pylist()]
    items = {row["scene_id"]: row["item_id"] for row in rows}
    with (folder / "data/faces.csv").open() as file:
        return {row["face_id"]: items[row["scene_id"]] for row in csv.DictReader(file)}


def test_closing_a_round_opens_the_review_of_its_labels(booth):
    with booth.client("ada") as ada:
        happy, angry = upcoming(ada)[:2]
        send(ada, ballot(happy, vote="happy"), ballot(angry, vote="angry"))
        booth.close("label")
        late = send(ada, ballot(happy, 2))
        assert (late.status_code, late.json()["round"]) == (409, "review")
        assert ada.get("/api/session").json()["round"] == "review"
        items = ada.get("/api/faces?limit=200").json()["next"]
        asked = {item["face_id"]: item["expression"] for item in items}
        assert (asked[happy], asked[angry]) == ("happy", "angry")
        yes = ballot(happy, 3, round="review", vote="yes", asked="happy")
        other = ballot(angry, 3, round="review", vote="yes", asked="happy")
        answer = send(ada, yes, other).json()
        assert (answer["saved"], answer["refused"][0]["face_id"]) == (1, angry)
        booth.close("review")
        assert ada.get("/api/session").json()["round"] is None
    assert booth.mien("vote", "close", "review").returncode == 2


def test_a_review_takes_as_many_voters_as_the_settings_say(booth):
    booth.close("label")
    names = ["ada", "ben", "cy", "dee", "eve"]
    answers = []
    for name in names:
        with booth.client(name) as client:
            item = client.get("/api/faces?limit=200").json()["next"][0]
            face = sorted(booth_faces(booth))[0]
            asked = {"asked": item_expression(booth, face), "vote": "yes", "round": "review"}
            answers.append(send(client, ballot(face, 1, **asked)).json())
            assert item["face_id"]
    assert [answer["saved"] for answer in answers] == [1, 1, 1, 1, 0]
    assert answers[-1]["refused"][0]["reason"] == "the face has all its votes"


def booth_faces(booth: Booth) -> list[str]:
    return [line.split(",")[0] for line in (booth.folder / "data/faces.csv").open()][1:]


def item_expression(booth: Booth, face: str) -> str:
    lines = (booth.folder / "data/faces.csv").read_text().splitlines()
    header = lines[0].split(",")
    (row,) = (line.split(",") for line in lines if line.startswith(face))
    return row[header.index("expression")]


def test_voting_without_faces_says_what_to_do_first(tmp_path, booth):
    (tmp_path / "params.yaml").write_text((booth.folder / "params.yaml").read_text())
    done = forked.run(["mien", "vote", "--port", "0"], tmp_path, apart=True)
    assert done.returncode == 2
    assert done.stderr == ("mien: data/faces.csv: no faces to vote on yet; run `snakemake faces`\n")
    assert not (tmp_path / "data").exists()


def test_ballots_follow_faces_that_were_detected_anew(booth):
    with booth.client("ada") as ada:
        face, other = upcoming(ada)[:2]
        send(ada, ballot(face, 1), ballot(other, 2))
    booth.kill()
    index = booth.folder / "data/faces.csv"
    lines = index.read_text().splitlines()
    rows = [dict(zip(lines[0].split(","), line.split(","), strict=True)) for line in lines]
    scenes = {row["scene_id"] for row in rows if row["face_id"] in (face, other)}
    anew = [rows[0]]
    for row in rows[1:]:
        if row["face_id"] == face:
            anew.append(row | {"face_id": "f" * 16, "x": str(int(row["x"]) + 2)})
        elif row["scene_id"] not in scenes:  # of the other one nothing is left
            anew.append(row)
    index.write_text("".join(",".join(row.values()) + "\n" for row in anew))
    booth.start()
    with booth.client("ada") as ada:
        done = ada.get("/api/faces").json()["done"]
        assert [(item["face_id"], item["vote"]) for item in done] == [("f" * 16, "happy")]
    places = ["--labels", "l.csv", "--counts", "c.json"]
    said = booth.mien("labels", "consensus", *places, "data/ballots/ada.csv").stderr
    assert "moved 1, orphans 1" in said


def test_faces_are_repeated_to_see_whether_a_voter_agrees_with_themselves(booth):
    booth.kill()
    params = booth.folder / "params.yaml"
    params.write_text(params.read_text().replace("repeat_share: 0\n", "repeat_share: 0.1\n"))
    booth.start()
    seen: list[tuple[str, int]] = []
    with booth.client("ada") as ada:
        while items := ada.get("/api/faces?limit=20").json()["next"]:
            keys = [(item["face_id"], item["repeat"]) for item in items]
            sent = [ballot(key[0], len(seen) + n, repeat=key[1]) for n, key in enumerate(keys)]
            assert send(ada, *sent).json()["saved"] == len(keys)
            seen += keys
    again = [face for face, repeat in seen if repeat]
    assert 4 <= len(again) <= 36  # of 200, a tenth
    assert len(set(seen)) == len(seen) == 200 + len(again)
    assert all(seen.index((face, 1)) - seen.index((face, 0)) >= 40 for face in again)


def test_expressions_and_sources_take_turns_and_every_voter_has_another_order(booth):
    with booth.client("ada") as ada, booth.client("ben") as ben:
        items = ada.get("/api/faces?limit=40").json()["next"]
        hoped = [item["expression"] for item in items]
        assert all(len(set(hoped[n : n + 4])) == 4 for n in range(0, 40, 4))
        assert [item["face_id"] for item in items] != upcoming(ben, 40)
        happy = ada.get("/api/faces?limit=200&expression=happy").json()["next"]
        assert {item["expression"] for item in happy} == {"happy"}
        assert len(happy) == 50


def test_ties_come_first_and_a_face_with_all_its_votes_comes_no_more(booth):
    names = ["ada", "ben", "cy", "dee"]
    with booth.client("eve") as eve:
        tied, full = sorted(upcoming(eve))[:2]
        for number, name in enumerate(names):
            with booth.client(name) as client:
                vote = {"vote": ["angry", "happy"][number % 2]}
                send(client, ballot(tied, 1, **vote), ballot(full, 1))
        faces = upcoming(eve)
        assert faces[0] == tied
        assert full not in faces
