"""Every face on a page says which picture it is from, in words and by a link where there is one."""

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from mien.acquire.sources import public_targets
from mien.faces.shards import read_crops
from mien.images import resize
from mien.report.page.origins import face_origins, moment_link, origin
from mien.report.page.pictures import FACE_PX, FACE_QUALITY, data_uri
from mien.shards import read_shard
from mien.words import moment

SCENE = {
    "scene_id": "s",
    "source_id": "holiday",
    "item_id": "beach/IMG_1.jpg",
    "title": "unknown",
    "author": "unknown",
    "time_s": np.nan,
    "page_url": "unknown",
    "licence": "unknown",
}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00.0"),
        (62.5, "1:02.5"),
        (59.96, "1:00.0"),
        (3599.99, "1:00:00.0"),
        (7384.2, "2:03:04.2"),
    ],
)
def test_a_moment_reads_as_on_a_clock(seconds, text):
    assert moment(seconds) == text


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://www.youtube.com/watch?v=dQw4", "https://www.youtube.com/watch?v=dQw4&t=62s"),
        ("https://www.youtube.com/watch?v=a&t=5", "https://www.youtube.com/watch?v=a&t=62s"),
        ("https://youtu.be/dQw4", "https://youtu.be/dQw4?t=62s"),
        ("https://vimeo.com/123", "https://vimeo.com/123#t=62s"),
        ("https://example.org/films/a.MP4", "https://example.org/films/a.MP4#t=62"),
        ("https://example.org/watch/7", "https://example.org/watch/7"),
        ("https://notyoutube.com/watch?v=a", "https://notyoutube.com/watch?v=a"),
        ("https://ada:se@cret@nas.example:8/a.mp4", "https://nas.example:8/a.mp4#t=62"),
        ("javascript:alert(1)//youtube.com", None),
        ("file:///home/ada/a.mp4", None),
        ("/home/ada/a.mp4", None),
        ("http://[broken", None),
    ],
)
def test_the_link_of_a_video_leads_to_its_second_where_the_site_has_a_way(url, link):
    assert moment_link(url, 62.9) == link


def test_no_address_tells_a_users_password():
    asked = ["https://ada:secret@nas.example/a.mp4", "https://nas.example/@ada", "ytsearch9:a@b"]
    sources = pd.DataFrame({"kind": "video", "target": asked})
    assert public_targets(sources) == ["https://nas.example/a.mp4", *asked[1:]]
    assert moment_link(asked[0], None) == "https://nas.example/a.mp4"


def test_the_link_of_a_photo_is_its_page():
    page = "https://www.flickr.com/photos/1@N0/513"
    assert [moment_link(page, time) for time in (None, np.nan)] == [page, page]


def test_a_picture_is_named_by_its_file_a_video_by_its_title_and_id():
    photo = origin(SCENE)
    assert (photo.name, photo.at, photo.source, photo.link) == (
        "beach/IMG_1.jpg", "", "holiday", None
    )  # fmt: skip
    assert (photo.author, photo.licence, photo.host) == ("", "", "")
    own = origin(SCENE | {"item_id": "party.mp4", "title": "party", "time_s": 10.0})
    assert (own.name, own.at) == ("party.mp4", "0:10.0")
    url = "https://www.youtube.com/watch?v=dQw4"
    film = origin(SCENE | {"item_id": "dQw4", "title": "Up", "time_s": 3.0, "page_url": url})
    assert (film.name, film.link, film.host) == ("Up (dQw4)", f"{url}&t=3s", "www.youtube.com")


def test_a_face_in_a_scene_that_a_source_has_twice_has_the_first_moment():
    faces = pd.DataFrame({"face_id": ["a", "b"], "source_id": "holiday", "scene_id": "s"})
    scenes = pd.DataFrame([SCENE | {"time_s": 10.0}, SCENE | {"time_s": 90.0}])
    found = face_origins(faces, scenes, ["a"])
    assert list(found) == ["a"]
    assert found["a"].at == "0:10.0"


def shown(soup: BeautifulSoup) -> dict[str, set[str]]:
    """Return what is said of the origins of the faces on a page, by the picture shown."""
    said: dict[str, set[str]] = {}
    for face in soup.select("details.face"):
        name = face.select_one(".origin bdi").text
        for picture in face.find_parent("li").find_all("img"):
            said.setdefault(picture["src"], set()).add(name)
    return said


def known(project) -> set[str]:
    names = set()
    for path in project.files("data/scenes/*.parquet"):
        names |= set(read_shard(path, ["item_id"])["item_id"])
    return names


def test_every_face_of_every_page_names_its_file_author_and_licence(project):
    pages = [project.page(), *map(project.variant_page, ("yolov8n-64", "resnet50-64"))]
    for page in pages:
        soup = BeautifulSoup(page, "html.parser")
        pictures = soup.select("ul.faces img, ul.sizes img")
        assert pictures
        assert all(picture.find_parent("li").select(".origin") for picture in pictures)
        said = shown(soup)
        assert set.union(*said.values()) <= known(project)
        assert all("CC0-1.0" in told.text for told in soup.select(".origin"))
        assert all(len(told.select("bdi")) == 2 for told in soup.select(".origin"))
    texts = [" ".join(told.text.split()) for told in soup.select(".origin")]
    assert any("Open it on pictures.example" in text for text in texts)


def test_the_face_of_a_file_is_named_by_that_file(project):
    """The picture of a page is the crop of the very scene that its name has."""
    said = shown(BeautifulSoup(project.page(), "html.parser"))
    index = pd.read_csv(project.root / "data/faces.csv", dtype={"face_id": str, "scene_id": str})
    checked = 0
    for source, rows in index.groupby("source_id"):
        items = read_shard(project.root / f"data/scenes/{source}.parquet", ["scene_id", "item_id"])
        names = dict(items.itertuples(index=False))
        shard = project.root / f"data/faces/{source}.parquet"
        scenes = rows.set_index("face_id")["scene_id"]
        for face, crop in read_crops([shard], set(rows["face_id"])):
            uri = data_uri(resize(crop, FACE_PX), FACE_QUALITY)
            if uri in said:
                assert said[uri] == {names[scenes[face]]}
                checked += 1
    assert checked > 20


ODD = [
    "<img src=x onerror=alert(1)>.jpg",
    '"><svg onload=alert(2)>.png',
    "a" * 255,
    "\u202egpj.exe",
    "caf\\xe9.jpg",
    "new\nline'.jpg",
    "=1+1.jpg",
    "{{ 7 * 7 }}.jpg",
]


def test_odd_names_of_files_are_shown_as_they_are(project, tmp_path):
    copy = project.copy(tmp_path / "copy")
    copy.rename("happy-1", ODD)
    for page in (copy.page(), copy.variant_page("yolov8n-64")):
        soup = BeautifulSoup(page, "html.parser")
        told = {tag.text for tag in soup.select(".origin strong bdi")}
        assert told & set(ODD)
        assert page.count("<script") == 1
        assert "<img src=x" not in page and "<svg onload" not in page


def test_no_page_holds_a_path_of_the_machine(project):
    for page in (project.page(), project.variant_page("yolov8n-64")):
        assert str(project.root) not in page
