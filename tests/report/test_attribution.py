"""Every image and every crop has its author, its licence and its page."""

import json
import re
import shutil
import subprocess
from html import escape

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from report.making import Project

from mien.acquire.scenes import Item, scene_row
from mien.acquire.tables import SCENES, SOURCES, UNKNOWN
from mien.acquire.withdrawn import hashed, read_withdrawn
from mien.faces.tables import FACES
from mien.images import encode_png
from mien.report.data_statement import licence_rows
from mien.report.page.credits import FLICKR, licences
from mien.report.page.inputs import read_scenes
from mien.report.page.provenance import scene_licences
from mien.report.tables import ATTRIBUTION
from mien.shards import read_shard, write_shard
from mien.tables import read_csv, write_csv

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
SCRIPT = "<script>alert('x')</script>"


def attribute(root):
    """Run the command in a project; return its table and its page."""
    words = ("report", "attribution", "--csv", "metrics/attribution.csv", "--html")
    html = Project(root).write("metrics/attribution.html", *words)
    return read_csv(root / "metrics/attribution.csv", ATTRIBUTION), html


def picture(shade):
    return encode_png(np.full((30, 40, 3), shade, np.uint8))


@pytest.fixture
def small(project, tmp_path):
    """A project of two sources by hand: photos of Flickr, and a film; two faces in one photo."""
    photos = [
        Item("513", picture(1), title='=HYPERLINK("http://evil.example")', author="Zoë (1@N0)",
             page_url="https://www.flickr.com/photos/1@N0/513", licence="CC BY 2.0",
             fetched_at="2026-01-02T03:04:05Z"),
        Item("514", picture(2), title=SCRIPT, author="@ann (2@N0)", page_url="javascript:alert(1)",
             licence="CC BY 2.0", fetched_at="2026-01-02T03:04:06Z"),
        Item("515", picture(3), author="Zoë (1@N0)", licence="CC0 1.0"),
    ]  # fmt: skip
    about = {
        "title": "A film",
        "author": "unknown",
        "page_url": "https://ada:secret@films.example/f",
    }
    frames = [Item("film", picture(4 + n), time_s=61.5 + n, **about) for n in range(2)]
    frames.append(Item("513b", picture(1), **about))  # the photo again, from another source
    for name, items in {"birds": photos, "film": frames}.items():
        rows = [scene_row(item, name, n, 50) for n, item in enumerate(items)]
        write_shard(tmp_path / f"data/scenes/{name}.parquet", rows, SCENES)
    kinds = [("birds", "flickr"), ("film", "video")]
    sources = pd.DataFrame(kinds, columns=["source_id", "kind"]).assign(target="x", limit=9)
    write_csv(tmp_path / "data/sources.csv", sources, SOURCES)
    scene = read_shard(tmp_path / "data/scenes/birds.parquet", ["scene_id"])["scene_id"]
    box = {"x": 1, "y": 1, "width": 9, "height": 9, "position": 0, "group_id": "g"}
    faces = [("f1", 0, "kept"), ("f2", 0, "duplicate"), ("f3", 1, "withdrawn")]
    index = pd.DataFrame(
        {"face_id": face, "scene_id": scene[n], "source_id": "birds", "status": status, **box}
        for face, n, status in faces
    )
    write_csv(tmp_path / "data/faces.csv", index.assign(expression="", duplicate_of=""), FACES)
    (tmp_path / "data/withdrawn.csv").write_text("what,sha256,withdrawn_at\n")
    (tmp_path / "params.yaml").write_text((project.root / "params.yaml").read_text())
    return tmp_path


def test_every_image_and_every_crop_has_a_row(project, tmp_path):
    root = project.copy(tmp_path / "copy").root
    table, _ = attribute(root)
    shards = [read_shard(path, ["source_id", "scene_id"]) for path in root.glob("data/scenes/*")]
    images = set(pd.concat(shards).itertuples(index=False, name=None))
    assert set(zip(table["source_id"], table["scene_id"], strict=True)) == images
    assert set(table["face_id"].dropna()) == set(
        read_csv(root / "data/faces.csv", FACES)["face_id"]
    )


def test_a_row_says_whose_from_where_and_under_what(small):
    table, _ = attribute(small)
    row = table[table["source_id"] == "birds"].set_index("face_id").loc["f1"]
    assert row["author"] == "Zoë (1@N0)"
    assert row["licence_url"] == "https://creativecommons.org/licenses/by/2.0/"
    assert row["page_url"] == "https://www.flickr.com/photos/1@N0/513"
    assert row["fetched_at"] == "2026-01-02T03:04:05Z"
    assert table.loc[table["item_id"] == "film", "time_s"].tolist() == [61.5, 62.5]
    assert table.loc[table["item_id"] == "515", "face_id"].isna().all()


def test_only_what_came_with_a_checked_licence_may_be_passed_on(small):
    table, _ = attribute(small)
    passed = table.groupby("kind")["may_be_passed_on"].unique().map(list)
    assert passed.to_dict() == {"flickr": ["yes"], "video": ["no"]}


def test_an_image_of_two_sources_is_attributed_to_both(small):
    table, _ = attribute(small)
    of = table[table["face_id"] == "f1"]
    assert of["source_id"].tolist() == ["birds", "film"]


def test_what_was_withdrawn_is_in_neither_file(small):
    with (small / "data/withdrawn.csv").open("a") as withdrawn:
        withdrawn.write(f"author,{hashed('@ann (2@N0)')},2026\n")
        withdrawn.write(f"item,{hashed('515')},2026\n")  # it has no face
    table, page = attribute(small)
    assert not {"514", "515"} & set(table["item_id"])
    assert "f3" not in table["face_id"].dropna().tolist()
    assert "@ann" not in page


def test_scenes_and_authors_are_counted_alike_in_every_document(small):
    with (small / "data/withdrawn.csv").open("a") as withdrawn:
        withdrawn.write(f"item,{hashed('515')},2026\n")
    table, _ = attribute(small)
    table.loc[table["item_id"] == "514", "author"] = UNKNOWN
    sources = read_csv(small / "data/sources.csv", SOURCES)
    gone = read_withdrawn(small / "data/withdrawn.csv")
    shards = [small / f"data/scenes/{name}.parquet" for name in sources["source_id"]]
    scenes = read_scenes(shards, sources, gone)
    scenes.loc[scenes["item_id"] == "514", "author"] = UNKNOWN
    assert scenes["withdrawn"].any()
    assert scenes["scene_id"].duplicated().any()
    assert len(table["licence"].unique()) > 1
    of_page = {row["licence"]: (row["scenes"], row["authors"]) for row in scene_licences(scenes)}
    for licence, rows in table.groupby("licence"):
        names = set(rows["author"]) - {UNKNOWN}
        assert of_page.pop(licence) == (rows["scene_id"].nunique(), len(names))
    assert of_page == {}
    of_credits = {
        (row["licence"], row["may_be_passed_on"]): [row["images"], row["faces"], row["authors"]]
        for row in licences(table)
    }
    assert of_credits == {(row[0], row[1]): row[2:] for row in licence_rows(table)}


def test_a_spreadsheet_finds_no_formula_in_what_strangers_wrote(small):
    attribute(small)
    text = (small / "metrics/attribution.csv").read_text()
    assert "'=HYPERLINK" in text
    assert "'@ann" in text
    assert not re.search(r'(^|,)"?[=+@\t-]', text, re.M)


def test_the_page_obeys_no_stranger_and_links_to_the_web_only(small):
    table, page = attribute(small)
    assert SCRIPT not in page
    assert "https://films.example/f" in set(table["page_url"])  # without a user's password
    assert escape(SCRIPT, quote=False) in page.replace("&#39;", "'")
    soup = BeautifulSoup(page, "html.parser")
    links = {a["href"] for a in soup.select("main a")}
    assert links == {
        "https://www.flickr.com/photos/1@N0/513",
        "https://films.example/f",
        "https://creativecommons.org/licenses/by/2.0/",
        "https://creativecommons.org/publicdomain/zero/1.0/",
    }


def test_the_page_lists_each_authors_images_with_licence_faces_and_times(small):
    _, page = attribute(small)
    soup = BeautifulSoup(page, "html.parser")
    names = [heading.contents[0].strip() for heading in soup.select("#authors h3")]
    assert names == ["@ann (2@N0)", "Zoë (1@N0)", "not known"]
    works = [re.sub(r"\s+", " ", work.text).strip() for work in soup.select(".works li")]
    assert works[1] == (
        '=HYPERLINK("http://evil.example") 513 CC BY 2.0, 2 faces, fetched 2026-01-02, source birds'
    )
    assert works[3] == (
        "A film film unknown, 2 frames at 1:01.5, 1:02.5, 0 faces, source film. Not to be passed on"
    )


def test_licences_are_counted_at_the_top(small):
    _, page = attribute(small)
    rows = BeautifulSoup(page, "html.parser").select("#licences tbody tr")
    cells = [[cell.text for cell in row.find_all(["th", "td"])] for row in rows]
    assert cells == [
        ["unknown", "no", "3", "2", "0"],
        ["CC BY 2.0", "yes", "2", "2", "2"],
        ["CC0 1.0", "yes", "1", "0", "1"],
    ]


def test_flickrs_notice_stands_there_only_where_flickr_is_a_source(small, project, tmp_path):
    assert FLICKR in attribute(small)[1]
    assert FLICKR not in attribute(project.copy(tmp_path / "copy").root)[1]


def test_no_images_at_all_give_an_empty_table_and_a_page(small):
    with (small / "data/withdrawn.csv").open("a") as withdrawn:
        items = map(hashed, ["513", "514", "515", "film", "513b"])
        withdrawn.writelines(f"item,{item},2026\n" for item in items)
    table, page = attribute(small)
    assert table.empty
    assert "There are no images" in page


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium to open the page in")
def test_the_page_asks_for_nothing_and_fits_a_phone(small, tmp_path):
    _, page = attribute(small)
    probe = """<script>onload = () => {
      const names = performance.getEntriesByType("resource").map(entry => entry.name);
      const asked = names.filter(name => !name.startsWith("data:"));
      const wide = document.documentElement.scrollWidth > innerWidth;
      document.title = JSON.stringify({asked, wide});
    }</script>"""
    (tmp_path / "probe.html").write_text(page.replace("</body>", f"{probe}</body>"))
    flags = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking"
    command = [CHROMIUM, *flags.split(), f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    size = ["--window-size=390,800", (tmp_path / "probe.html").as_uri()]
    done = subprocess.run(
        [*command, *size], capture_output=True, text=True, timeout=120, check=True
    )
    title = BeautifulSoup(done.stdout, "html.parser").title.text
    assert json.loads(title) == {"asked": [], "wide": False}
