"""Which photos a search of Flickr finds, and how few questions that takes."""

import json
from itertools import islice

import flickrapi
import pytest
from acquire.fake_flickr import KEY, SECRET, FakePhoto, fake_flickr, make_photos

from mien.acquire.downloads import Downloads
from mien.acquire.flickr import NO_LICENCE, Photo, refused, search_photos
from mien.acquire.flickr_api import Api
from mien.params import AcquireParams

UNTIL = 1_760_000_000
PARAMS = AcquireParams.model_construct(timeout_s=5, tries=1, calls_per_hour=3_600_000)


@pytest.fixture
def flickr(monkeypatch):
    with fake_flickr([]) as service:
        monkeypatch.setattr(flickrapi.FlickrAPI, "REST_URL", service.rest_url)
        yield service


def search(text="happy face", until=UNTIL, licences=(4, 5), size_px=1024, call=None):
    return search_photos(call or Api(KEY, SECRET, PARAMS), text, until, licences, size_px)


@pytest.mark.parametrize(
    "habits",
    [{}, {"drifts": True}, {"overlaps": True}, {"is_unsorted": True, "drifts": True}],
    ids=str,
)
def test_of_9000_photos_hardly_one_is_missed_and_none_comes_twice(flickr, habits):
    flickr.photos = make_photos(9000)
    there = {photo.id for photo in flickr.photos}
    vars(flickr).update(habits)
    found = [photo.item_id for photo in search()]
    assert len(set(found)) == len(found)
    assert len(there & set(found)) >= 0.99 * 9000
    assert all(int(call["page"]) * int(call["per_page"]) <= 4000 for call in flickr.calls)
    assert len(flickr.calls) <= 40


def test_the_newest_come_first_and_equal_answers_give_an_equal_order(flickr):
    flickr.photos = make_photos(5000)
    dates = {photo.id: photo.uploaded for photo in flickr.photos}
    found = [photo.item_id for photo in search()]
    assert [dates[id_] for id_ in found] == sorted(dates.values(), reverse=True)
    assert [photo.item_id for photo in search()] == found


@pytest.mark.parametrize(("limit", "calls"), [(10, 1), (500, 1), (501, 2)])
def test_only_the_pages_that_are_used_are_asked_for(flickr, limit, calls):
    flickr.photos = make_photos(1200)
    assert len(list(islice(search(), limit))) == limit
    assert len(flickr.calls) == calls


def test_ten_of_many_photos_cost_one_call(flickr):
    flickr.photos = make_photos(9000)
    assert len(list(islice(search(), 10))) == 10
    assert len(flickr.calls) == 1


def test_a_search_is_remembered_page_by_page(flickr, tmp_path):
    flickr.photos = make_photos(1200)
    downloads, api = Downloads(tmp_path), Api(KEY, SECRET, PARAMS)

    def call(question):
        return downloads.answer(json.dumps(question), lambda: api(question))

    found = list(search(call=call))
    assert (len(found), len(flickr.calls)) == (1200, 3)
    assert list(search(call=call)) == found
    assert len(flickr.calls) == 3


def test_more_photos_of_one_second_than_can_be_found_are_warned_of(flickr, capsys):
    second = 1_600_000_000
    flickr.photos = [FakePhoto(n, "a happy face", 4, second) for n in range(4100)]
    flickr.photos += make_photos(700)
    assert len(list(search())) == 4700
    assert capsys.readouterr().err == (
        "warning: 'happy face': only 4000 of 4100 photos of 2020-09-13T12:26:40Z can be found\n"
    )


def test_photos_of_later_other_words_and_other_licences_are_not_found(flickr):
    flickr.photos = [
        FakePhoto(1, "a happy face", 4, UNTIL),
        FakePhoto(2, "a happy face", 4, UNTIL + 1),
        FakePhoto(3, "a sad face", 4, UNTIL),
        FakePhoto(4, "a happy face", 0, UNTIL),
        FakePhoto(5, "a happy face", 5, UNTIL),
    ]
    assert [photo.item_id[-1] for photo in search()] == ["5", "1"]
    assert list(search("nothing of that kind")) == []


def test_a_photo_says_whose_it_is_and_two_of_one_name_stay_two(flickr):
    flickr.photos = [FakePhoto(n, "a  happy\n face", 4, UNTIL - n) for n in (0, 2)]
    ada, other = search()
    file = "/photos/50000000000_5ec3e7_l.jpg"
    assert ada == Photo(
        item_id="50000000000",
        title="a happy face",
        author="Ada Lovelace (1000@N00)",
        page_url="https://www.flickr.com/photos/1000@N00/50000000000",
        licence=4,
        url=flickr.url + file,
    )
    assert other.author == "Ada Lovelace (1002@N00)"


@pytest.mark.parametrize(
    ("width", "height", "size_px", "chosen"),
    [
        (4000, 3000, 1024, "l"),
        (3000, 4000, 1023, "c"),  # the longer side counts
        (4000, 3000, 4000, "o"),
        (900, 600, 1024, "o"),  # the whole of a small photo
        (4000, 3000, 80, "t"),  # all are larger
    ],
)
def test_the_largest_size_that_is_not_too_large_is_chosen(flickr, width, height, size_px, chosen):
    flickr.photos = [FakePhoto(1, "a happy face", 4, UNTIL, width, height)]
    (photo,) = search(size_px=size_px)
    assert photo.url.endswith(f"_{chosen}.jpg")


def test_what_flickr_leaves_out_of_an_answer_is_unknown_and_refused():
    bare = {"id": "7", "owner": "1@N00", "title": ""}
    (photo,) = search(call=lambda _: {"total": 1, "pages": 1, "photo": [bare]})
    assert (photo.title, photo.author, photo.url) == ("unknown", "1@N00", "")
    assert photo.licence == NO_LICENCE
    assert refused(photo, range(17)) == "no known licence, not in acquire.licences"


@pytest.mark.parametrize(
    ("licence", "url", "reason"),
    [
        (4, "https://…", ""),
        (0, "https://…", "All rights reserved, not in acquire.licences"),
        (6, "https://…", "CC BY-ND 2.0, not in acquire.licences"),
        (17, "https://…", "no known licence, not in acquire.licences"),
        (4, "", "Flickr gives no file of it"),
    ],
)
def test_a_photo_is_refused_for_its_licence_or_without_a_file(licence, url, reason):
    assert refused(Photo("7", "", "", "", licence, url), [4, 5]) == reason
    assert refused(Photo("7", "", "", "", 0, "https://…"), [0]) == ""
