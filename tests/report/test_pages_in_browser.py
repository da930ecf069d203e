"""The pages in a real browser, opened as files: no request, no error, and what can be clicked."""

import os
import shutil
from collections.abc import Callable, Iterator

import pandas as pd
import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this computer")
PAGES = ["report", "report/resnet50-64", "report/yolov8n-32", "report/yolov8n-64"]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def drawn(project) -> Callable[[str], str]:
    """Return the address of a page, all of them being there."""
    project.page()
    for name in PAGES[1:]:
        project.variant_page(name.removeprefix("report/"))
    return lambda name: (project.root / f"metrics/{name}.html").as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator:
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, drawn) -> Iterator[Callable]:
    """Open a page by its name; at the end it must have asked for no other file, without an error."""
    contexts, faults = [], []

    def go(name: str, **settings):
        context = browser.new_context(**{"viewport": {"width": 1400, "height": 900}} | settings)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("console", lambda said: faults.append(said.text))
        asked = (drawn(name), "data:")
        page.on("request", lambda sent: sent.url.startswith(asked) or faults.append(sent.url))
        page.goto(drawn(name))
        return page

    yield go
    for context in contexts:
        context.close()
    assert faults == []


def first_column(page) -> list[str]:
    return page.locator(".variants tbody th > a").all_inner_texts()


def column(page, number: int) -> list[float]:
    cells = page.locator(f".variants tbody td:nth-child({number})").all()
    return [float(cell.get_attribute("data-value")) for cell in cells]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("settings", [{}, PHONE, {"color_scheme": "dark"}])
def test_a_page_fits_its_screen_and_asks_for_nothing(visit, name, settings):
    page = visit(name, **settings)
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width  # a phone zooms out
    page.evaluate("scrollTo(0, document.body.scrollHeight)")


def test_the_first_screen_has_the_winner_its_interval_and_all_variants(visit):
    page = visit("report")
    for one in page.locator(".lead, .variants tbody tr").all():
        box = one.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 900
    assert "interval" in page.inner_text(".lead")


def test_a_head_sorts_its_table_as_numbers_and_says_so(visit):
    page = visit("report")
    head = page.locator("th", has=page.get_by_role("button", name="log loss")).first
    assert head.get_attribute("aria-sort") == "none"
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert column(page, 5) == sorted(column(page, 5))
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert column(page, 5) == sorted(column(page, 5), reverse=True)
    assert page.locator(".variants [aria-sort=descending]").count() == 1


def test_a_head_sorts_by_keyboard(visit):
    page = visit("report")
    page.locator(".variants").get_by_role("button", name="variant").focus()
    page.keyboard.press("Enter")
    assert first_column(page) == ["resnet50-64", "yolov8n-32", "yolov8n-64"]
    page.keyboard.press("Space")
    assert first_column(page) == ["yolov8n-64", "yolov8n-32", "resnet50-64"]


def test_what_is_missing_comes_last_either_way(visit):
    page = visit("report/yolov8n-64")
    column = ".classes tbody td:nth-child(2)"
    page.evaluate(f"document.querySelector('{column}').dataset.value = 'nan'")
    missing = page.locator(".classes tbody th").first.inner_text()
    for _ in range(2):
        page.locator(".classes").get_by_role("button", name="precision").click()
        assert page.locator(".classes tbody th").last.inner_text() == missing


def test_the_name_of_a_variant_leads_to_its_page_and_back(browser, drawn):
    page = browser.new_page()
    page.goto(drawn("report"))
    page.click(".variants >> text=yolov8n-32")
    assert page.inner_text("h1") == "yolov8n-32"
    page.click("nav >> text=All variants")
    assert page.url == drawn("report")
    page.close()


def test_a_cell_of_the_matrix_shows_its_faces_by_click_and_by_keyboard(visit, project):
    paths = project.files("metrics/runs/resnet50-64/*/predictions.csv")
    table = pd.concat(map(pd.read_csv, paths))
    page = visit("report/resnet50-64")
    assert page.locator(".cell:visible").count() == 0
    links = page.locator(".confusion td a")
    for number, press in ((0, "click"), (1, "Enter")):
        link = links.nth(number)
        if press == "click":
            link.click()
        else:
            link.focus()
            page.keyboard.press(press)
        shown = page.locator(".cell:visible")
        assert shown.count() == 1
        assert page.locator("[aria-current]").count() == 1
        actual = link.get_attribute("title").split()[4].rstrip(",")
        given = link.get_attribute("title").split()[-1]
        of = table[(table.actual == actual) & (table.predicted == given)].face_id.nunique()
        assert shown.locator("img").count() == min(of, 12)
        page.wait_for_function(
            "[...document.querySelectorAll('.cell:target img')].every(one => one.naturalWidth)"
        )
        assert shown.locator("img").first.is_visible()


def test_print_shows_every_section_and_what_is_folded_and_no_navigation(visit):
    page = visit("report")
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert all(section.is_visible() for section in page.locator("section").all())
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0
    page = visit("report/yolov8n-64")
    page.emulate_media(media="print")
    assert page.locator(".cell:visible").count() == 0
    assert page.locator(".confusion").is_visible()


def told(page):
    return page.locator(".origin:visible")


@pytest.mark.parametrize("name", ["report", "report/yolov8n-64"])
def test_a_face_says_whose_picture_it_is_by_click_and_closes_by_a_click_elsewhere(visit, name):
    page = visit(name)
    assert told(page).count() == 0
    faces = page.locator(".faces:visible .face summary")
    for number in (0, faces.count() - 1):
        faces.nth(number).click()
        assert told(page).count() == 1
        assert "CC0-1.0" in told(page).inner_text()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("h2:visible").last.click()
    assert told(page).count() == 0


def test_a_face_is_asked_by_keyboard_and_escape_gives_the_focus_back(visit):
    page = visit("report")
    face = page.locator(".faces .face summary").first
    face.focus()
    page.keyboard.press("Enter")
    assert told(page).count() == 1
    page.keyboard.press("Escape")
    assert told(page).count() == 0
    assert face.evaluate("face => face === document.activeElement")


def test_a_face_is_asked_by_touch_and_its_name_fits_a_phone(visit):
    page = visit("report", **PHONE)
    for face in page.locator(".faces").first.locator("summary").all()[:6]:
        face.tap()
        assert told(page).count() == 1
        box = told(page).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


def test_paper_has_the_name_of_every_face(visit):
    page = visit("report")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert told(page).count() == page.locator(".face").count() > 0


@pytest.mark.parametrize("settings", [{}, PHONE])
def test_a_row_of_faces_is_as_wide_as_the_page(visit, settings):
    page = visit("report", **settings)
    main = page.locator("main").bounding_box()
    faces = [face.bounding_box() for face in page.locator("#faces .faces li").all()]
    right = max(box["x"] + box["width"] for box in faces)
    assert abs(right - main["x"] - main["width"]) < 1
    assert min(box["width"] for box in faces) >= 96


@pytest.mark.parametrize("name", ["report", "report/yolov8n-64"])
def test_very_long_names_fit_a_phone(project, tmp_path, browser, name):
    copy = project.copy(tmp_path / "copy")
    for source in ("happy-1", "video-1", "odd"):
        copy.rename(source, ["a" * 255 + ".jpg", "b" * 255 + ".jpg"])
    if name == "report":
        copy.page()
    else:
        copy.variant_page(name.removeprefix("report/"))
    page = browser.new_page(**PHONE)
    page.goto((copy.root / f"metrics/{name}.html").as_uri())
    page.evaluate("dispatchEvent(new Event('beforeprint'))")  # whatever is folded is opened
    assert page.locator(".origin:visible").count() > 20
    assert page.evaluate("document.documentElement.scrollWidth") <= 390  # innerWidth grows with it
    page.close()
