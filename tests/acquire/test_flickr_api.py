"""Flickr is asked at its pace, again when that may help, and its key is told to nobody."""

import logging
import traceback

import flickrapi
import pytest
from acquire.fake_flickr import HTML, KEY, SECRET, Reply, busy, fail, fake_flickr, make_photos
from tenacity.wait import wait_none

from mien.acquire import flickr_api, patience
from mien.acquire.flickr_api import Api
from mien.errors import SourceError
from mien.params import AcquireParams

QUESTION = {"text": "happy", "license": "4", "per_page": 500, "page": 1}
PARAMS = AcquireParams.model_construct(timeout_s=5, tries=3, calls_per_hour=3_600_000)
SILENT = PARAMS.model_copy(update={"timeout_s": 0.2})
NO_SERVICE = fail(105, "Service currently unavailable")


class Clock:
    """A time that passes only by sleeping."""

    now_s = 0.0

    def __call__(self):
        return self.now_s

    def sleep(self, seconds):
        self.now_s += seconds


@pytest.fixture
def flickr(monkeypatch):
    monkeypatch.setattr(patience, "backoff", wait_none())
    with fake_flickr(make_photos(20)) as service:
        monkeypatch.setattr(flickrapi.FlickrAPI, "REST_URL", service.rest_url)
        yield service


def refusal_of(flickr, *replies, params=PARAMS, key=KEY):
    flickr.replies = iter(replies)
    with pytest.raises(SourceError) as error:
        Api(key, SECRET, params)(QUESTION)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.usefixtures("flickr")
def test_an_answer_is_a_page_of_photos_and_how_many_there_are():
    answer = Api(KEY, SECRET, PARAMS)(QUESTION)
    assert (answer["total"], answer["pages"], len(answer["photo"])) == (20, 1, 20)


@pytest.mark.parametrize(
    "reply",
    [
        NO_SERVICE,
        fail(10, "Sorry, the Flickr search API is not currently available."),
        busy(429, after="0"),
        busy(503, after="0"),
        busy(500, after=""),
        HTML,
        Reply(body=b'{"photos": {"photo": []}'),
        Reply(body=b"[]"),
        Reply(body=b'{"stat": "ok"}'),
        Reply(body=b""),
        Reply(share=0.5),
        Reply(stall_s=1),
    ],
    ids=lambda reply: str((reply.status, reply.body, reply.stall_s)),
)
def test_what_may_pass_is_asked_again(flickr, reply):
    flickr.replies = iter([reply, reply])
    assert Api(KEY, SECRET, SILENT)(QUESTION)["total"] == 20
    assert len(flickr.calls) == 3


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (NO_SERVICE, "105: Service currently unavailable"),
        (busy(429, after="0"), "status 429"),
        (HTML, "it sent something else than photos"),
        (Reply(stall_s=1), "silent for 0.2 s"),
    ],
)
def test_what_does_not_pass_is_given_up(flickr, reply, reason):
    message = refusal_of(flickr, reply, reply, reply, params=SILENT)
    assert message == f"Flickr does not answer ({reason}); run the same again later"
    assert len(flickr.calls) == 3


def test_nobody_there_is_asked_again_too(flickr, monkeypatch):
    monkeypatch.setattr(flickrapi.FlickrAPI, "REST_URL", "http://127.0.0.1:9/")
    assert "Flickr does not answer (ConnectionError)" in refusal_of(flickr)


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (
            fail(100, "Invalid API Key (Key has invalid format)"),
            "Flickr refuses the search (100: Invalid API Key (Key has invalid format)): FLICKR_API_KEY "
            "is no key that Flickr knows; yours are at https://www.flickr.com/services/apps/create/",
        ),
        (
            fail(96, "Invalid signature"),
            "Flickr refuses the search (96: Invalid signature): "
            "FLICKR_API_SECRET is not the secret that belongs to FLICKR_API_KEY",
        ),
        (
            fail(3, "Parameterless searches have been disabled."),
            "Flickr refuses the search (3: Parameterless searches have been disabled.): "
            "the target has no words to search for; correct it in sources.csv",
        ),
        (
            fail(112, 'Method "flickr.photos.search" not found'),
            'Flickr refuses the search (112: Method "flickr.photos.search" not found): '
            "a newer mien may know what it is called now",
        ),
        (
            fail(106, "Write operation failed"),
            "Flickr refuses the search (106: Write operation failed): "
            "see https://www.flickr.com/services/api/",
        ),
        (
            Reply(401, b"oauth_problem=signature_invalid"),
            "Flickr refuses the key (status 401): check FLICKR_API_KEY and FLICKR_API_SECRET",
        ),
        (
            busy(429, after="400"),
            "Flickr does not answer (status 429; the server asks to wait 400 s); "
            "run the same again later",
        ),
    ],
)
def test_what_will_not_pass_stops_at_once(flickr, reply, message):
    assert refusal_of(flickr, reply) == message
    assert len(flickr.calls) == 1


def test_a_server_is_not_asked_before_it_wants_to_be(flickr):
    flickr.replies = iter([busy(429, after="1")])
    Api(KEY, SECRET, PARAMS)(QUESTION)
    first, second = flickr.call_times
    assert second - first >= 1


def test_calls_are_evenly_paced_and_a_repeated_one_counts(flickr):
    clock = Clock()
    hourly = PARAMS.model_copy(update={"calls_per_hour": 1800})
    api = Api(KEY, SECRET, hourly, clock, clock.sleep)
    flickr.replies = iter([HTML, HTML])
    times = []
    for pause_s in (0, 0, 0.5, 60, 0):
        clock.sleep(pause_s)
        api(QUESTION)
        times.append(clock.now_s)
    assert times == [4, 6, 8, 68, 70]  # the first one was asked three times
    assert len(flickr.calls) == 7


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        ({}, "FLICKR_API_KEY=<yours> FLICKR_API_SECRET=<yours>"),
        ({"FLICKR_API_KEY": KEY, "FLICKR_API_SECRET": " "}, "FLICKR_API_SECRET=<yours>"),
    ],
)
def test_a_missing_key_is_asked_for(monkeypatch, given, lacking):
    for name in ("FLICKR_API_KEY", "FLICKR_API_SECRET"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SourceError) as error:
        Api.from_environment(PARAMS)
    assert str(error.value) == (
        f"Flickr needs a key, from https://www.flickr.com/services/apps/create/: `export {lacking}`"
    )


@pytest.mark.usefixtures("flickr")
def test_the_key_of_the_environment_is_used(monkeypatch):
    monkeypatch.setenv("FLICKR_API_KEY", f"{KEY}\n")
    monkeypatch.setenv("FLICKR_API_SECRET", SECRET)
    assert Api.from_environment(PARAMS)(QUESTION)["total"] == 20


def everything_logged(monkeypatch, caplog):
    """Let every line of every logger be seen, as it is before there is an `Api`."""
    for name in ("flickrapi", "requests_oauthlib", "oauthlib", "urllib3"):
        monkeypatch.setattr(logging.getLogger(name), "propagate", True)
        caplog.set_level(logging.DEBUG, logger=name)
    caplog.set_level(logging.DEBUG)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(),
        fail(100, f"Invalid API Key ({KEY} with {SECRET} has invalid format)"),
        fail(105, f"Service of {KEY} currently unavailable"),
        Reply(401, f"oauth_problem=consumer_key_rejected&oauth_consumer_key={KEY}".encode()),
        Reply(500, f"<html>{KEY} {SECRET}</html>".encode()),
        Reply(body=f"<html>{KEY} {SECRET}</html>".encode()),
        Reply(stall_s=1),
    ],
    ids=lambda reply: str((reply.status, reply.body, reply.stall_s)),
)
def test_key_and_secret_are_told_nowhere(flickr, monkeypatch, caplog, capfd, reply):
    everything_logged(monkeypatch, caplog)
    flickr.replies = iter([reply] * 3)
    told = []
    api = Api(KEY, SECRET, SILENT)
    try:
        told.append(str(api(QUESTION)))
    except SourceError as error:
        fault: BaseException | None = error
        told += traceback.format_exception(error)
        while fault is not None:
            told += [str(fault), repr(fault), str(vars(fault))]
            fault = fault.__cause__ or fault.__context__
    told += [caplog.text, *capfd.readouterr(), repr(api), str(flickr.calls)]
    assert KEY not in "".join(told)
    assert SECRET not in "".join(told)


def test_a_key_that_flickr_does_not_know_is_not_repeated(flickr):
    message = refusal_of(flickr, key="wrong0key0of0some0body")
    assert "(100: Invalid API Key (Key *** not found))" in message


@pytest.mark.usefixtures("flickr")
def test_the_lines_for_the_log_would_tell_the_key_if_they_were_not_silenced(monkeypatch, caplog):
    everything_logged(monkeypatch, caplog)
    monkeypatch.setattr(flickr_api, "TELLTALES", ())
    Api(KEY, SECRET, PARAMS)(QUESTION)
    assert KEY in caplog.text
