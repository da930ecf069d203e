"""The live page's server: plain clients that are friendly, foreign, greedy, and too many."""

import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from contextlib import ExitStack
from io import BytesIO

import forked
import httpx
import numpy as np
import pytest
from PIL import Image
from watching import Show, answer, ask, frames_of
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from mien.boxes import iou
from mien.images import encode_jpeg

pytestmark = pytest.mark.xdist_group("live page")


@pytest.fixture(scope="module")
def show(model):
    """A server for all tests that do it no harm."""
    show = Show(model).start()
    yield show
    show.kill()


@pytest.fixture(scope="module")
def frames(film):
    return frames_of(film.path, 40)


@pytest.fixture
def viewer(show):
    with show.viewer() as connection:
        yield connection


def closing(connection) -> tuple[int, str]:
    """Return why the server closed the connection."""
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            connection.recv(30)
    return closed.value.rcvd.code, closed.value.rcvd.reason


def test_a_frame_is_answered_by_its_faces_as_the_film_has_them(viewer, frames, film):
    told = ask(viewer, frames[0])
    assert (told["frame"], told["dropped"]) == (1, 0)
    _, truth = film.truth[0]
    for face in told["faces"]:
        assert max(float(np.max(iou([face["box"]], [box]))) for box, _ in truth) > 0.4
        assert sum(face["probabilities"]) == pytest.approx(1, abs=1e-3)
        assert face["expression"] in [*viewer.model["classes"], None]
    assert [face["track"] for face in told["faces"]] == list(range(1, len(told["faces"]) + 1))
    assert told["faces"]
    assert list(told["ms"]) == ["decode", "detect", "crop", "classify", "whole"]


def test_tracks_go_on_from_frame_to_frame_and_are_each_viewers_own(show, frames):
    with show.viewer() as one, show.viewer() as other:
        first = [ask(one, frame) for frame in frames[:4]]
        second = ask(other, frames[0])
    assert {face["track"] for face in first[3]["faces"]} & {f["track"] for f in first[0]["faces"]}
    assert [told["frame"] for told in first] == [1, 2, 3, 4]
    assert second["frame"] == 1
    assert min(face["track"] for face in second["faces"]) == 1


def test_a_far_too_fast_client_gets_fresh_answers_and_every_frame_is_answered_or_dropped(
    show, frames
):
    told, sent = [], 120
    with show.viewer() as fast:
        reader = threading.Thread(target=_collect, args=(fast, told, sent))
        reader.start()
        for n in range(0, sent, 3):
            for m in range(3):
                fast.send(frames[(n + m) % len(frames)])
            time.sleep(0.06)
        reader.join()
    numbers = [one["frame"] for one in told]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == sent
    assert len(told) + told[-1]["dropped"] == sent
    assert told[-1]["dropped"] > 0


def _collect(connection, told: list, last: int) -> None:
    while not told or told[-1]["frame"] < last:
        told.append(answer(connection))


def test_a_greedy_client_takes_turns_with_a_calm_one(show, frames):
    told, done = [], threading.Event()

    def ask_on_and_on(greedy) -> None:
        while not done.is_set():
            greedy.send(frames[0])
            greedy.send(frames[1])
            told.append(answer(greedy))

    with show.viewer() as greedy, show.viewer() as calm:
        thread = threading.Thread(target=ask_on_and_on, args=(greedy,))
        thread.start()
        ask(calm, frames[0])
        before = len(told)
        assert all(ask(calm, frame)["faces"] for frame in frames[:6])
        assert 3 <= len(told) - before <= 2 * 6
        done.set()
        thread.join()


def test_nothing_piles_up_of_what_a_greedy_client_sends(show, frames):
    large = frames[0] + bytes(900_000)  # what follows a JPEG's end is no part of it
    with show.viewer() as greedy:
        told = [ask(greedy, large)]
        before, most = show.memory_mb(), 0.0
        for _ in range(40):  # 110 MB
            for _ in range(3):
                greedy.send(large)
            time.sleep(0.06)
            most = max(most, show.memory_mb())
        _collect(greedy, told, 121)
    assert most - before < 40


def test_a_flood_ends_the_connection_and_no_other(show, frames):
    with show.viewer() as calm, show.viewer() as flood:
        with pytest.raises(ConnectionClosed):
            for _ in range(20_000):
                flood.send(b"x")
        assert closing(flood) == (1008, "too many frames")
        assert ask(calm, frames[0])["faces"]


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (b"", "not a JPEG"),
        (b"GIF89a", "not a JPEG"),
        ("words", "not a JPEG"),
        (b"\xff\xd8\xff" + bytes(range(256)) * 40, "not a picture"),
        ("half", "truncated or corrupt"),
        ("huge", "3000 x 2000 pixels; 4000000 at most"),
    ],
)
def test_what_is_no_picture_is_told_and_the_connection_goes_on(viewer, frames, frame, reason):
    if frame == "half":
        frame = frames[0][: len(frames[0]) // 2]
    if frame == "huge":
        frame = encode_jpeg(np.zeros((2000, 3000, 3), np.uint8))
    told = ask(viewer, frame)
    assert reason in told["error"]
    assert "\n" not in told["error"]
    assert ask(viewer, frames[0])["faces"]


def test_a_frame_of_thousands_of_scans_is_refused_and_holds_nobody_up(show, frames):
    file = BytesIO()
    Image.new("L", (2000, 2000), 128).save(file, "JPEG", progressive=True, quality=20)
    last = file.getvalue()[file.getvalue().rindex(b"\xff\xda") : -2]
    bomb = file.getvalue()[:-2] + last * 30_000 + file.getvalue()[-2:]
    with show.viewer() as hostile, show.viewer() as friendly:
        assert "a JPEG of more than 32 scans" in ask(hostile, bomb)["error"]
        assert "faces" in ask(friendly, frames[0])
        assert "faces" in ask(hostile, frames[0])


def test_a_frame_of_more_than_a_megabyte_ends_the_connection(show, viewer, frames):
    viewer.send(bytes(1024 * 1024 + 1))
    assert closing(viewer)[0] == 1009
    with show.viewer() as other:
        assert ask(other, frames[0])["faces"]


@pytest.mark.parametrize(
    "settings",
    [
        {"origin": None},
        {"origin": "null"},
        {"origin": "https://elsewhere.example"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "http://localhost:{port}"},
        {"origin": "https://127.0.0.1:{port}"},
        {"origin": "http://elsewhere.example:{port}", "host": "elsewhere.example:{port}"},
        {"origin": "http://127.0.0.1", "host": "127.0.0.1"},
        {"origin": "http://127.0.0.1.elsewhere.example:{port}", "host": "127.0.0.1.elsewhere.example:{port}"},
    ],
)  # fmt: skip
def test_another_sites_page_is_refused_before_anything_is_said(show, settings):
    given = {name: text and text.format(port=show.port) for name, text in settings.items()}
    with pytest.raises(InvalidStatus) as refused, show.client(**given):
        pass
    assert refused.value.response.status_code == 403


def test_every_name_of_this_machine_itself_is_welcome(show, frames):
    for name in ("localhost", "127.0.0.1", "[::1]"):
        host = f"{name}:{show.port}"
        with show.viewer(host=host, origin=f"http://{host}") as connection:
            assert ask(connection, frames[0])["faces"]


def test_the_page_is_not_given_to_a_name_that_leads_here_from_elsewhere(show):
    for host in (f"elsewhere.example:{show.port}", "127.0.0.1", "127.0.0.1:1"):
        assert httpx.get(show.home, headers={"Host": host}).status_code == 403
    page = httpx.get(show.home)
    assert "not what anybody feels" in page.text
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'")
    assert httpx.get(f"{show.home}/page/..%2Fserver.py").status_code == 404


def test_the_ninth_viewer_is_told_why_and_comes_in_when_another_leaves(show):
    with ExitStack() as seven:
        for _ in range(7):
            seven.enter_context(show.viewer())
        with show.viewer(), show.client() as ninth:
            assert closing(ninth) == (1013, "8 pages are watching, and no more may")
        with show.viewer() as late:
            assert late.model["classes"]


def test_pages_that_send_no_picture_give_up_their_places_and_no_others(show, frames):
    with ExitStack() as crowd:
        silent = [crowd.enter_context(show.viewer()) for _ in range(6)]
        noisy, busy = (crowd.enter_context(show.viewer()) for _ in range(2))
        let_in = None
        for _ in range(200):
            assert ask(busy, frames[0])["faces"]
            assert ask(noisy, b"no picture")["error"]
            newcomer = crowd.enter_context(show.client())
            try:
                let_in = json.loads(newcomer.recv(30))
                break
            except ConnectionClosed:
                time.sleep(0.2)
        assert let_in["model"]["classes"]
        assert ask(newcomer, frames[0])["faces"]
        others = [crowd.enter_context(show.viewer()) for _ in range(6)]  # noise is no picture
        for connection in [*silent, noisy]:
            assert closing(connection)[0] == 4000
        assert all(ask(each, frames[0])["faces"] for each in (busy, newcomer, *others))


def test_a_crowd_that_never_says_the_token_keeps_no_page_out(show, frames):
    address = show.home.replace("http", "ws") + "/frames"
    with ExitStack() as crowd:
        for _ in range(40):
            opened = connect(address, origin=show.home, proxy=None)
            crowd.enter_context(opened)
        with show.viewer() as viewer:
            assert ask(viewer, frames[0])["faces"]


def test_half_open_connections_keep_no_page_out(show, frames):
    with ExitStack() as crowd:
        for number in range(300):
            silent = crowd.enter_context(socket.create_connection(("127.0.0.1", show.port)))
            silent.sendall(b"GET /frames HTTP/1.1\r\nUpgrade: websocket\r\nX: "[: number % 40])
        with show.viewer() as viewer:
            assert ask(viewer, frames[0])["faces"]


def test_off_loopback_only_the_links_holder_comes_in(model, frames):
    show = Show(model, "--host", "0.0.0.0").start()
    try:
        assert len(show.token) == 32
        for wrong in ("", "0" * 32, show.token[:-1], "é"):
            with show.client(wrong) as stranger:
                assert closing(stranger) == (1008, "the link is not valid; ask for the one of now")
        with show.viewer(show.token) as guest:
            assert ask(guest, frames[0])["faces"]
        named = f"lab.example:{show.port}"
        with show.viewer(show.token, host=named, origin=f"http://{named}") as guest:
            assert guest.model["classes"]
        with (
            pytest.raises(InvalidStatus),
            show.client(show.token, origin="https://elsewhere.example"),
        ):
            pass
    finally:
        show.kill()


def test_a_secret_link_is_shown_on_a_terminal_or_nowhere(model):
    command = ["mien", "live", model, "--page", "--host", "0.0.0.0", "--port", "0"]
    done = forked.run(command, apart=True)
    assert done.returncode == 2
    assert "secret and shown only on a terminal" in done.stderr
    assert "#" not in done.stderr + done.stdout


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl here")
def test_a_certificate_serves_the_page_by_https(model, frames, tmp_path):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    show = Show(model, "--certificate", str(certificate), "--key", str(key)).start()
    try:
        trusted = ssl.create_default_context(cafile=str(certificate))
        assert httpx.get(show.home, verify=trusted).status_code == 200
        with show.viewer(ssl=trusted, server_hostname="127.0.0.1") as connection:
            assert ask(connection, frames[0])["faces"]
    finally:
        show.kill()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--certificate", "none.pem"], "none.pem: no certificate with its key"),
        (["--key", "none.pem"], "--key none.pem: a key needs its certificate"),
        (["--detector", "none.onnx"], "--detector none.onnx: neither haar nor a file"),
    ],
)
def test_what_cannot_be_served_is_told_in_one_line(model, options, reason):
    done = forked.run(["mien", "live", model, "--page", *options], apart=True)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(f"mien: {reason}")


def test_ctrl_c_ends_the_server_while_a_page_is_watching(model, frames):
    show = Show(model).start()
    with show.viewer() as connection:
        assert ask(connection, frames[0])["faces"]
        assert show.stop() in (0, -2, 130)
        assert closing(connection)[0] == 1012
