"""The live page in a real browser whose camera plays a film, against a real server."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from models import CLASSES
from watching import Show, frames_of

from mien.images import decode, size_of

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
VIDEOS = Path(__file__).parents[3] / "shared/data/videos"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
REFUSED = """navigator.mediaDevices.getUserMedia = () =>
    Promise.reject(new DOMException("no", "NotAllowedError"))"""
DRAWN = """() => {
    const boxes = document.getElementById("boxes");
    const { data } = boxes.getContext("2d").getImageData(0, 0, boxes.width, boxes.height);
    return data.some((value) => value > 0);
}"""
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this computer"),
    pytest.mark.xdist_group("live page"),
]


@pytest.fixture(scope="module")
def show(model) -> Iterator[Show]:
    show = Show(model).start()
    yield show
    show.kill()


@pytest.fixture(scope="module")
def open_browser() -> Iterator[Callable]:
    """Return what opens a browser whose camera shows the frames over and over."""
    opened = []
    with sync_api.sync_playwright() as playwright:

        def launch(camera: Path):
            arguments = [
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-video-capture={camera}",
                *(["--no-sandbox"] if os.geteuid() == 0 else []),
            ]
            opened.append(playwright.chromium.launch(executable_path=CHROMIUM, args=arguments))
            return opened[-1]

        yield launch
        for browser in opened:
            browser.close()


@pytest.fixture(scope="module")
def browser(open_browser, film, tmp_path_factory):
    camera = tmp_path_factory.mktemp("camera") / "drawn.mjpeg"
    camera.write_bytes(b"".join(frames_of(film.path, 150)))
    return open_browser(camera)


@pytest.fixture
def visit(browser, show) -> Iterator[Callable]:
    """Open the page in a browser of its own; at the end nothing must have gone wrong in it."""
    contexts, faults = [], []

    def go(home: str = show.home, opened=browser, script: str = "", may_fail=False, **settings):
        settings = {"locale": "en-GB", "viewport": {"width": 1280, "height": 800}} | settings
        context = opened.new_context(**settings)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        origin = home.partition("/#")[0]
        ours = (origin, "blob:", origin.replace("http", "ws"))
        page.on("request", lambda sent: sent.url.startswith(ours) or faults.append(sent.url))
        page.on("websocket", lambda sent: sent.url.startswith(ours) or faults.append(sent.url))
        page.heard = []
        page.on(
            "websocket", lambda sent: sent.on("framereceived", lambda said: page.heard.append(said))
        )
        if not may_fail:
            page.on("console", lambda said: said.type == "error" and faults.append(said.text))
        if script:
            page.add_init_script(script)
        page.goto(home)
        return page

    yield go
    for context in contexts:
        context.close()
    assert faults == []


def face_shown(page) -> None:
    page.wait_for_selector(".card.large .shown")
    page.wait_for_function(DRAWN)


def test_faces_get_boxes_and_bars_and_their_expressions_change_as_the_film_plays(visit):
    page = visit()
    face_shown(page)
    assert page.locator(".card.large .bar").count() == 4
    shares = page.locator(".card.large .share").all_inner_texts()
    assert sum(int(share.split()[0]) for share in shares) == pytest.approx(100, abs=2)
    page.evaluate(
        """() => {
        window.shown = new Set();
        setInterval(() => document.querySelectorAll(".shown").forEach(
            (one) => window.shown.add(one.textContent)), 50);
        }"""
    )
    page.wait_for_function("() => window.shown.size >= 3")
    known = {"angry", "happy", "neutral", "surprised"}
    assert {shown.removesuffix("?") for shown in page.evaluate("[...window.shown]")} <= known
    assert float(page.inner_text("#figures dd >> nth=0")) > 0
    page.wait_for_function("() => document.getElementById('spoken').textContent !== ''")


def test_it_says_what_it_is_not_for_and_what_the_model_is(visit):
    page = visit()
    page.wait_for_selector("text=plain, seed-0")
    assert "not what anybody feels" in page.inner_text("#purpose")
    page.click("text=Model card")
    assert page.inner_text("#sureness") == "This model is sure from a probability of 50 % on."
    assert page.inner_text("#licence") == "angry, happy, neutral, surprised · licence: CC0-1.0"
    assert page.inner_text("#summary") == "Trained on drawn faces alone."


def test_what_it_is_not_sure_of_is_a_guess_for_eyes_and_ears(model, visit):
    show = Show(model, "--threshold", "1").start()
    try:
        page = visit(show.home)
        face_shown(page)
        assert page.inner_text(".card.large .shown") in [f"{name}?" for name in CLASSES]
        assert page.is_visible(".card.large.unsure .guess:text-is('unsure: a guess')")
        page.wait_for_function(
            "() => document.getElementById('spoken').textContent.startsWith('unsure, perhaps ')"
        )
        told = "This model is sure from a probability of 100 % on, as --threshold asks."
        assert page.inner_text("#sureness") == told
        faces = [face for said in page.heard for face in json.loads(said).get("faces", [])]
        assert {face["expression"] for face in faces} == {None}
        for face in faces:
            assert face["guess"] in CLASSES
    finally:
        show.kill()


def test_it_goes_on_by_itself_when_the_server_was_killed_and_started_again(model, visit):
    show = Show(model).start()
    try:
        page = visit(show.home, may_fail=True)
        face_shown(page)
        show.kill()
        page.wait_for_selector("text=The connection is lost. Trying again")
        assert page.locator(".card").count() == 0
        assert not page.evaluate("document.getElementById('video').paused")
        show.start()
        face_shown(page)
        page.wait_for_selector("#notice", state="hidden")
    finally:
        show.kill()


def test_two_viewers_see_faces_at_once_each_with_numbers_of_its_own(visit):
    one, other = visit(), visit()
    for page in (one, other):
        face_shown(page)
        answers = [json.loads(said) for said in page.heard]
        tracks = {face["track"] for told in answers for face in told.get("faces", [])}
        assert 1 in tracks  # a number is given once, so that of two viewers this is each one's own


def test_a_snapshot_is_a_png_of_the_frame_with_its_boxes(visit):
    page = visit()
    face_shown(page)
    page.keyboard.press(" ")
    with page.expect_download() as download:
        page.keyboard.press("s")
    assert download.value.suggested_filename.endswith(".png")
    saved = download.value.path().read_bytes()
    assert saved.startswith(b"\x89PNG")
    assert size_of(saved) == (640, 480)
    shown = decode(saved)
    assert shown.std() > 10
    assert (shown == 255).all(axis=2).any() or (shown == 0).all(axis=2).any()  # of the words


def test_keys_pause_mirror_show_times_and_choose_a_face(visit):
    page = visit()
    face_shown(page)
    page.keyboard.press(" ")
    assert page.evaluate("document.getElementById('video').paused")
    assert page.get_attribute("button:has-text('pause')", "aria-pressed") == "true"
    page.keyboard.press(" ")
    page.wait_for_function("() => !document.getElementById('video').paused")
    assert page.locator("#stage.mirrored").count() == 1
    page.keyboard.press("m")
    assert page.locator("#stage.mirrored").count() == 0
    page.keyboard.press("t")
    page.wait_for_function(
        "() => parseFloat(document.querySelectorAll('#times dd')[1].textContent) > 0"
    )
    page.keyboard.press("?")
    page.wait_for_selector("dialog >> text=save the picture with its boxes")
    page.keyboard.press("Escape")
    page.wait_for_selector(".card:not(.large)")
    page.keyboard.press(" ")
    before = page.inner_text(".card.large .number")
    page.keyboard.press("ArrowRight")
    assert page.inner_text(".card.large .number") != before
    page.click(f".number:text-is('{before}')")
    assert page.inner_text(".card.large .number") == before


def test_a_click_on_a_face_in_the_picture_chooses_it(visit):
    page = visit()
    page.wait_for_selector(".card:not(.large)")
    page.keyboard.press(" ")
    chosen = set()
    box = page.locator("#boxes").bounding_box()
    for x in range(20, int(box["width"]), 40):
        for y in range(60, int(box["height"]), 60):
            page.locator("#boxes").click(position={"x": x, "y": y})
            chosen.add(page.inner_text(".card.large .number"))
        if len(chosen) > 1:
            break
    assert len(chosen) > 1


def test_a_refused_camera_is_told_and_a_video_file_serves_instead(visit, film):
    page = visit(script=REFUSED)
    page.wait_for_selector("text=The camera was refused. Allow it")
    page.wait_for_selector("button:has-text('Try again')")
    with page.expect_file_chooser() as chooser:
        page.click("text=Use a video file instead")
    chooser.value.set_files(film.path)
    face_shown(page)
    assert page.locator("#stage.mirrored").count() == 0


def test_who_comes_ninth_is_told_why_and_comes_in_by_itself_later(show, visit):
    with ExitStack() as eight:
        for _ in range(8):
            eight.enter_context(show.viewer())
        page = visit(may_fail=True)
        page.wait_for_selector("text=8 pages are watching, and no more may. Trying again")
    face_shown(page)


def test_a_link_of_an_earlier_server_is_told(model, visit):
    show = Show(model, "--host", "0.0.0.0").start()
    try:
        page = visit(f"{show.home}/#{'0' * 32}", may_fail=True)
        page.wait_for_selector("text=the link is not valid; ask for the one of now.")
        guest = visit(f"{show.home}/#{show.token}")
        face_shown(guest)
    finally:
        show.kill()


def test_a_phone_shows_all_of_it_without_scrolling_sideways(visit):
    page = visit(**PHONE)
    face_shown(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for button in page.locator(".tool").all():
        assert button.bounding_box()["height"] >= 44


@pytest.mark.skipif(not VIDEOS.is_dir(), reason="there are no real videos here")
def test_a_real_face_is_followed_as_one(open_browser, visit, tmp_path):
    camera = tmp_path / "real.mjpeg"
    camera.write_bytes(b"".join(frames_of(VIDEOS / "WolfgangLanger_Pexels.mp4", 100)))
    page = visit(opened=open_browser(camera))
    face_shown(page)
    assert page.locator(".card.large .bar").count() == 4
