"""The page people vote on, in a real browser, against a real server."""

import os
import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from voting import ROOT, Booth

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this computer")
WORDS = {"1": "angry", "2": "happy", "3": "neutral", "4": "surprised"}
WORDS |= {"u": "unsure", "x": "not_a_face", "a": "artificial"}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def browser() -> Iterator:
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser) -> Iterator[Callable]:
    """Open a voter's link in a browser of their own; at the end nothing must have gone wrong in it."""
    contexts, faults = [], []

    def go(link: str, may_fail: bool = False, context=None, **settings):
        if context is None:
            settings = {"locale": "en-GB", "viewport": {"width": 1280, "height": 800}} | settings
            context = browser.new_context(**settings)
            context.set_default_timeout(15_000)
            contexts.append(context)
        page = context.new_page()
        home = link.partition("#")[0]
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on(
            "request", lambda sent: sent.url.startswith((home, "blob:")) or faults.append(sent.url)
        )
        if not may_fail:
            page.on("console", lambda said: said.type == "error" and faults.append(said.text))
        page.goto(link)
        return page

    yield go
    for context in contexts:
        context.close()
    assert faults == []


def face_shown(page) -> None:
    page.wait_for_selector(".face img")


def type_votes(page, keys: str) -> None:
    """Press each key once the face it is about can be seen."""
    for key in keys:
        face_shown(page)
        page.keyboard.press(key)


def saved(page, booth, voter: str, count: int) -> list[dict[str, str]]:
    """Return the voter's ballots once so many are on the disk and none waits in the browser."""
    for _ in range(300):
        if len(booth.ballots(voter)) >= count and not waiting(page):
            break
        page.wait_for_timeout(50)
    rows = booth.ballots(voter)
    assert len(rows) == count
    return rows


def waiting(page) -> int:
    return page.evaluate(
        "Object.keys(localStorage).filter(name => name.includes('ballot ')).length"
    )


def standing(rows: list[dict[str, str]]) -> dict[tuple[str, str], str]:
    """Return the vote that counts for each face and repeat."""
    votes = {}
    for row in sorted(rows, key=lambda row: row["cast_at"]):
        votes[row["face_id"], row["repeat"]] = row["vote"]
    return {face: vote for face, vote in votes.items() if vote != "taken_back"}


def test_two_hundred_faces_are_labelled_by_keyboard_as_typed(booth, visit):
    page = visit(booth.link("ada"))
    keys = ("1234u2x3a4" * 20)[:200]
    type_votes(page, keys)
    page.wait_for_selector("text=That was all. Thank you, ada!")
    rows = saved(page, booth, "ada", 200)
    assert [row["vote"] for row in rows] == [WORDS[key] for key in keys]
    assert len({row["face_id"] for row in rows}) == 200
    assert {row["round"] for row in rows} == {"label"}
    times = [row["cast_at"] for row in rows]
    assert times == sorted(set(times))


def test_second_expression_and_tags_go_with_the_vote_and_can_be_changed_later(booth, visit):
    page = visit(booth.link("ada"))
    face_shown(page)
    page.keyboard.press("Shift+Digit2")
    page.keyboard.press("l")
    page.keyboard.press("Numpad1")
    (row,) = saved(page, booth, "ada", 1)
    assert (row["vote"], row["also"], row["tags"]) == ("angry", "happy", "glasses")
    face_shown(page)
    page.keyboard.press("ArrowLeft")
    assert page.get_attribute("[data-answer=angry]", "aria-pressed") == "true"
    page.keyboard.press("c")
    page.keyboard.press("2")
    rows = saved(page, booth, "ada", 3)
    assert [row["vote"] for row in rows] == ["angry", "angry", "happy"]
    assert len({row["face_id"] for row in rows}) == 1
    assert (rows[-1]["also"], sorted(rows[-1]["tags"].replace(";", " ").split())) == (
        "",
        ["covered", "glasses"],
    )


def test_back_and_undo_correct_earlier_answers_by_new_ballots(booth, visit):
    page = visit(booth.link("ada"))
    type_votes(page, "123")
    face_shown(page)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Backspace")
    page.keyboard.press("4")  # the second: happy becomes surprised
    page.keyboard.press("z")  # and happy again
    page.keyboard.press("Control+z")  # the third is taken back
    rows = saved(page, booth, "ada", 6)
    assert [row["vote"] for row in rows] == [
        "angry",
        "happy",
        "neutral",
        "surprised",
        "happy",
        "taken_back",
    ]
    faces = [row["face_id"] for row in rows]
    assert faces[3:] == [faces[1], faces[1], faces[2]]
    assert page.get_attribute("[data-answer=neutral]", "aria-pressed") == "false"
    page.keyboard.press("1")
    assert sorted(standing(saved(page, booth, "ada", 7)).values()) == ["angry", "angry", "happy"]


def test_reload_goes_on_where_the_voter_was(booth, visit):
    page = visit(booth.link("ada"))
    type_votes(page, "1234")
    saved(page, booth, "ada", 4)
    page.reload()
    face_shown(page)
    assert page.inner_text("#top .count") == "4 of 200"
    page.keyboard.press("ArrowLeft")
    assert page.get_attribute("[data-answer=surprised]", "aria-pressed") == "true"
    page.keyboard.press("End")
    type_votes(page, "2")
    rows = saved(page, booth, "ada", 5)
    assert len({row["face_id"] for row in rows}) == 5
    page.reload()
    face_shown(page)
    page.keyboard.press("z")
    assert saved(page, booth, "ada", 6)[-1]["vote"] == "taken_back"


def test_votes_outlive_a_killed_server_and_a_closed_page(booth, visit):
    page = visit(booth.link("ada"), may_fail=True)
    type_votes(page, "12")
    saved(page, booth, "ada", 2)
    page.wait_for_timeout(500)  # pictures ahead
    booth.kill()
    type_votes(page, "3412341234")
    page.wait_for_selector("text=10 votes waiting")
    assert waiting(page) == 10
    booth.start()
    page.wait_for_selector("#notice", state="hidden")
    rows = saved(page, booth, "ada", 12)
    assert [row["vote"] for row in rows] == [WORDS[key] for key in "123412341234"]
    booth.kill()
    type_votes(page, "11")
    context = page.context
    page.close()
    booth.start()
    page = visit(booth.link("ada"), context=context)
    face_shown(page)
    rows = saved(page, booth, "ada", 14)
    assert len(standing(rows)) == 14
    assert page.inner_text("#top .count") == "14 of 200"


def test_two_tabs_of_one_voter_lose_and_double_no_vote(booth, visit):
    first = visit(booth.link("ada"))
    second = visit(booth.link("ada"), context=first.context)
    for turn in range(10):
        type_votes(first, "1")
        second.wait_for_selector(f"text={2 * turn + 1} of 200")
        type_votes(second, "2")
        first.wait_for_selector(f"text={2 * turn + 2} of 200")
    rows = saved(first, booth, "ada", 20)
    assert len(standing(rows)) == 20
    assert len({row["cast_at"] for row in rows}) == 20


def test_grid_labels_all_but_the_marked_ones(booth, visit):
    page = visit(booth.link("ada"))
    face_shown(page)
    page.keyboard.press("g")
    page.click(".picker [data-expression=happy]")
    page.wait_for_selector("text=Are these all happy?")
    sync_api.expect(page.locator(".cell img")).to_have_count(28)
    page.locator(".cell").nth(3).click()
    page.keyboard.press("ArrowDown")  # from the fourth to the eleventh
    page.keyboard.press("Space")
    assert page.inner_text(".confirm").startswith("26 faces are happy")
    page.wait_for_selector(".confirm:enabled")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # once more than was meant: nobody has seen the next faces yet
    rows = saved(page, booth, "ada", 26)
    assert {row["vote"] for row in rows} == {"happy"}
    page.keyboard.press("z")  # all of them are one step
    rows = saved(page, booth, "ada", 52)
    assert standing(rows) == {}


def test_review_asks_one_question_and_the_grid_confirms_it(booth, visit):
    booth.close("label")
    page = visit(booth.link("ada"))
    face_shown(page)
    asked = []
    for key in "1n2you":
        asked.append(page.inner_text("h1").removeprefix("Is this face ").removesuffix("?"))
        type_votes(page, key)
    rows = saved(page, booth, "ada", 6)
    assert [row["vote"] for row in rows] == ["yes", "no", "no", "yes", "yes", "unsure"]
    assert [row["asked"] for row in rows] == asked
    page.keyboard.press("g")
    sync_api.expect(page.locator(".cell img")).to_have_count(28)
    page.locator(".cell").first.click()
    page.wait_for_selector(".confirm:enabled")
    page.keyboard.press("Enter")
    rows = saved(page, booth, "ada", 34)[6:]
    assert sorted(row["vote"] for row in rows) == ["no"] + ["yes"] * 27
    assert len({row["asked"] for row in rows}) == 1


def test_a_page_left_open_asks_anew_in_a_second_look_as_if_for_the_first_time(booth, visit):
    page = visit(booth.link("ada"), may_fail=True)
    type_votes(page, "12")
    face = saved(page, booth, "ada", 2)[0]["face_id"]
    booth.close("label", "review")
    page.wait_for_selector("text=All rounds are closed")
    booth.kill()
    (booth.folder / "metrics").mkdir()
    (booth.folder / "metrics/suspected.csv").write_text(
        "face_id,label,suggested,quality,p_label,p_suggested,variants\n"
        f"{face},angry,surprised,0.1,0.1,0.9,small\n"
    )
    booth.start("--suspected")
    face_shown(page)
    assert page.inner_text("#top .count") == "0 of 1"
    assert page.locator("[aria-pressed=true]").count() == 0
    said = page.inner_text("body").lower()
    assert not any(word in said for word in ("second look", "doubt", "suspect", "suggest"))
    page.keyboard.press("4")
    page.wait_for_selector("text=That was all. Thank you, ada!")
    rows = saved(page, booth, "ada", 3)
    assert [row["round"] for row in rows] == ["label"] * 3
    assert standing(rows)[face, "0"] == "surprised"
    organiser = visit(booth.link("organiser"))
    organiser.wait_for_selector("h1:has-text('Second look')")
    organiser.click("text=Close this round")
    organiser.click("dialog >> button:has-text('Close the round')")
    page.wait_for_selector("text=Is this face")


def test_a_phone_votes_by_touch(booth, visit):
    page = visit(booth.link("ada"), **PHONE)
    face_shown(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for button in page.locator("button.answer").all():
        box = button.bounding_box()
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= 844
    page.tap("[data-tag=glasses]")
    page.tap("[data-answer=happy]")
    face_shown(page)
    page.tap("[data-answer=unsure]")
    face_shown(page)
    page.tap("#top .help")
    page.wait_for_selector("dialog >> text=No real person's face: a drawing")
    assert not page.is_visible("dialog .keys")
    page.tap("dialog >> text=close")
    page.tap("text=undo")
    rows = saved(page, booth, "ada", 3)
    assert [row["vote"] for row in rows] == ["happy", "unsure", "taken_back"]
    assert [row["tags"] for row in rows] == ["glasses", "", ""]
    page.tap("text=grid")
    sync_api.expect(page.locator(".cell img")).to_have_count(12)
    page.locator(".cell").nth(2).tap()
    page.tap(".confirm")
    assert len(saved(page, booth, "ada", 14)) == 14


def test_digits_go_by_their_place_and_letters_by_their_print(booth, visit):
    page = visit(booth.link("ada"))
    press = (
        "key => document.body.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, ...key}))"
    )
    for code, key in (("Digit2", "é"), ("Numpad4", "4"), ("KeyQ", "a"), ("KeyU", "г")):
        face_shown(page)
        page.evaluate(press, {"code": code, "key": key})
    rows = saved(page, booth, "ada", 4)
    assert [row["vote"] for row in rows] == ["happy", "surprised", "artificial", "unsure"]


def test_scene_shows_where_the_face_is(booth, visit):
    page = visit(booth.link("ada"))
    face_shown(page)
    page.keyboard.press("Space")
    page.wait_for_selector(".framed img")
    scene, box = (page.locator(one).bounding_box() for one in (".framed", ".framed .box"))
    assert box["width"] < scene["width"] / 2
    assert scene["x"] <= box["x"]
    page.keyboard.press("Escape")
    assert page.locator(".framed").count() == 0
    assert booth.ballots("ada") == []


@pytest.mark.parametrize("language", ["english", "french"])
def test_no_words_of_the_page_are_written_twice(language):
    text = (ROOT / f"src/mien/vote/page/{language}.js").read_text(encoding="utf-8")
    names = re.findall(r"^  (\w+):", text, re.M)
    assert len(names) > 80
    assert sorted(names) == sorted(set(names)), "the later of two would be shown for both"


def test_the_page_speaks_french_and_english(booth, visit):
    page = visit(booth.link("ada"), locale="fr-FR")
    page.wait_for_selector("text=en colère")
    assert page.get_attribute("html", "lang") == "fr"
    page.click("text=English")
    page.wait_for_selector("text=angry")
    page.reload()
    page.wait_for_selector("text=angry")
    page.keyboard.press("?")
    page.wait_for_selector("dialog >> text=take the last answer back")
    page.wait_for_selector("dialog >> text=The face shows a second expression as well")
    assert page.get_attribute("[data-answer=artificial]", "title").startswith("No real person's")


def test_a_closed_round_is_said_and_the_next_begins(booth, visit):
    page = visit(booth.link("ada"), may_fail=True)
    type_votes(page, "1")
    saved(page, booth, "ada", 1)
    face_shown(page)
    booth.close("label")
    page.keyboard.press("2")
    page.wait_for_selector("text=1 vote came too late to be counted")
    page.wait_for_selector("text=Is this face")
    assert waiting(page) == 0
    assert len(booth.ballots("ada")) == 1
    booth.close("label", "review")
    page.wait_for_selector("text=All rounds are closed")


def test_a_full_disk_is_said_and_votes_are_sent_when_there_is_room(booth, visit):
    page = visit(booth.link("ada"), may_fail=True)
    refusal = {"status": 507, "json": {"error": "the disk is full"}}
    page.route("**/api/ballots", lambda route: route.fulfill(**refusal))
    type_votes(page, "12")
    page.wait_for_selector("text=2 votes waiting: the organiser's disk is full")
    page.unroute("**/api/ballots")
    page.wait_for_selector("#notice", state="hidden")
    assert [row["vote"] for row in saved(page, booth, "ada", 2)] == ["angry", "happy"]


def test_a_face_whose_picture_is_gone_gets_no_vote(booth, visit):
    page = visit(booth.link("ada"), may_fail=True)
    face_shown(page)
    page.route("**/crop", lambda route: route.fulfill(status=404, json={"error": "gone"}))
    page.reload()
    page.wait_for_selector("text=This picture is no longer there")
    page.keyboard.press("1")
    page.keyboard.press("2")
    assert waiting(page) == 0
    assert page.inner_text("#top .count") == "0 of 200"


def test_a_wrong_link_is_said(booth, visit):
    page = visit(booth.link("nobody"), may_fail=True)
    page.wait_for_selector("text=This link is not valid")


def asked_to_close(page) -> str:
    """Return what the page says before a round is closed."""
    page.click("text=Close this round")
    return page.wait_for_selector("dialog[open] .outcome").evaluate("it => it.parentNode.innerText")


def test_organiser_invites_watches_and_closes(booth, visit):
    voter = visit(booth.link("ada"))
    type_votes(voter, "12")
    saved(voter, booth, "ada", 2)
    page = visit(booth.link("organiser"))
    page.wait_for_selector("li:has-text('ada') >> text=2 of 200")
    page.fill("#name", "Zoë")
    page.keyboard.press("Enter")
    link = page.wait_for_selector("input.link").input_value()
    page.wait_for_selector("li:has-text('Zoë') >> text=0 of 200")
    guest = visit(link)
    type_votes(guest, "1")
    page.wait_for_selector("li:has-text('Zoë') >> text=1 of 200")
    page.fill("#name", "Zeo")
    page.keyboard.press("Enter")
    page.click("li:has-text('Zeo') >> text=take back")  # asks, and a script that listens says no
    page.once("dialog", lambda asked: asked.accept())
    page.click("li:has-text('Zeo') >> text=take back")
    page.wait_for_selector("text=Zeo is no longer invited")
    page.wait_for_selector("li:has-text('Zeo')", state="detached")
    assert page.locator("li:has-text('Zoë') >> text=take back").is_hidden()
    said = asked_to_close(page)
    assert "200 of 200 faces have a first label" in said
    assert "197\nhave no vote: they keep the expression of their source" in said
    assert "200\nof these are still waiting for votes" in said
    assert "To open it again, delete its line in data/rounds.csv" in said
    page.click("dialog >> text=Cancel")
    page.click("text=Close this round")
    page.click("dialog >> button:has-text('Close the round')")
    page.wait_for_selector("h1:has-text('Round of review')")
    assert page.locator("li:has-text('Zoë') >> text=take back").is_hidden(), "she voted before"
    voter.wait_for_selector("text=Is this face")
    page.click("text=Close this round")
    page.click("dialog >> button:has-text('Close the round')")
    page.wait_for_selector("text=Now type snakemake in the project's folder")
    assert "200 of 200 faces have a label" in page.inner_text(".finished")
    assert "0 / 0" not in page.inner_text("main")
    voter.wait_for_selector("text=You can close this page")
    rounds = booth.folder / "data" / "rounds.csv"
    rounds.write_text("".join(rounds.read_text().splitlines(keepends=True)[:-1]))  # reopened
    page.wait_for_selector("h1:has-text('Round of review')")
    assert page.text_content(".finished") == ""  # what was said of the earlier end


def test_the_organiser_reads_which_setting_leaves_every_face_incomplete_and_why_alpha_is_low(
    booth, visit
):
    for name, others in (("ada", "angry"), ("ben", "neutral"), ("cy", "happy")):
        with booth.client(name) as client:
            faces = sorted(
                item["face_id"] for item in client.get("/api/faces?limit=200").json()["next"]
            )
            at = "2025-05-01T10:00:00.000Z"
            ballots = [
                {"face_id": face, "round": "label", "cast_at": at, "vote": vote}
                for face, vote in zip(faces, ["happy"] * 90 + [others] * 10, strict=False)
            ]
            assert client.post("/api/ballots", json={"ballots": ballots}).json()["saved"] == 100
    page = visit(booth.link("organiser"), may_fail=True)
    page.wait_for_selector("text=labels.voters in params.yaml is 4, but 3 people are invited")
    page.wait_for_selector("text=alpha corrects for chance")
    numbers = page.inner_text(".numbers")
    assert "ties\n10\nvotes to come may settle them" in numbers
    assert "10\nhave a tie and will have no label" in asked_to_close(page)
    page.click("dialog >> text=Cancel")
    page.route("**/api/voters", lambda route: route.fulfill(status=507, json={"error": "full"}))
    page.fill("#name", "dee")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=nothing was saved. Make room and try again")
    page.click("text=Français")
    page.wait_for_selector("text=L’alpha de Krippendorff corrige le hasard")


def test_faces_that_come_once_more_are_explained_and_at_the_end_the_voter_may_go(visit, tmp_path):
    booth = Booth(tmp_path / "booth", 48, vote={"repeat_share": 0.5, "tags": []}).start()
    try:
        page = visit(booth.link("ada"))
        counts, news = set(), set()
        while not page.locator(".message").count():
            page.wait_for_selector(".face img, .message")
            page.keyboard.press("2")
            counts.add(page.inner_text("#top .count"))
            news.add(page.inner_text("#notice"))
        assert any(text.startswith("48 of 48, ") and "once more" in text for text in counts)
        assert "A few faces are shown twice" in " ".join(news)
        page.wait_for_selector("text=You voted on 48 faces. You can close this page now.")
        assert len([row for row in booth.ballots("ada") if row["repeat"] == "1"]) > 0
    finally:
        booth.kill()


def test_a_face_that_was_withdrawn_leaves_the_page_and_no_ballot(booth, visit):
    page = visit(booth.link("ada"), may_fail=True)
    face_shown(page)
    with booth.client("ada") as ada:
        gone = ada.get("/api/faces?limit=1").json()["next"][0]["face_id"]
    index = booth.folder / "data/faces.csv"
    lines = index.read_text().splitlines(keepends=True)
    index.write_text("".join(line for line in lines if not line.startswith(gone)))
    page.keyboard.press("1")
    page.wait_for_selector("text=the face is gone: it was withdrawn")
    page.wait_for_selector("text=0 of 199")
    type_votes(page, "2")
    assert [row["vote"] for row in saved(page, booth, "ada", 1)] == ["happy"]
