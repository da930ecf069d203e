"""A small adapter around flickrapi, which is no longer maintained; only `photos.search` is used.

flickrapi's errors and log lines may contain the key and the secret, so neither is passed on.
"""

import logging
import os
import time
from collections.abc import Callable
from typing import Any

import flickrapi
import requests

from mien.acquire.patience import FetchError, patiently
from mien.errors import SourceError
from mien.params import AcquireParams

KEY, SECRET = "FLICKR_API_KEY", "FLICKR_API_SECRET"
KEYS_PAGE = "https://www.flickr.com/services/apps/create/"
TELLTALES = ("flickrapi", "requests_oauthlib", "oauthlib", "urllib3")  # loggers
NOT_NOW = (10, 105)  # Flickr's codes for a search, or a site, that is not available now
WAYS_OUT = {
    3: "the target has no words to search for; correct it in sources.csv",
    96: f"{SECRET} is not the secret that belongs to {KEY}",
    100: f"{KEY} is no key that Flickr knows; yours are at {KEYS_PAGE}",
    112: "a newer mien may know what it is called now",
}


class Api:
    """Flickr's search, paced to `acquire.calls_per_hour`."""

    def __init__(
        self,
        key: str,
        secret: str,
        params: AcquireParams,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        for name in TELLTALES:
            logging.getLogger(name).propagate = False
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        self._flickr = flickrapi.FlickrAPI(
            key, secret, format="parsed-json", store_token=False, timeout=params.timeout_s
        )
        session = self._flickr.flickr_oauth.session = requests.Session()
        session.hooks["response"].append(_check_status)  # flickrapi drops Retry-After
        self._secrets = (key, secret)
        self._params, self._clock, self._sleep = params, clock, sleep
        self._next_s = clock()

    @classmethod
    def from_environment(cls, params: AcquireParams) -> "Api":
        """Return the search with the user's key; raise SourceError where there is none."""
        given = {name: os.environ.get(name, "").strip() for name in (KEY, SECRET)}
        missing = " ".join(f"{name}=<yours>" for name in given if not given[name])
        if missing:
            raise SourceError(f"Flickr needs a key, from {KEYS_PAGE}: `export {missing}`")
        return cls(given[KEY], given[SECRET], params)

    def __call__(self, question: dict[str, Any]) -> dict[str, Any]:
        """Return what flickr.photos.search finds: `total`, `pages`, and one page as `photo`.

        Raises SourceError when Flickr refuses the question, or does not answer `acquire.tries`
        times. Neither the error nor its cause contains the key.
        """
        try:
            return patiently(self._params, lambda: self._ask(question))
        except FetchError as missing:
            reason = missing.reason
        raise SourceError(f"Flickr does not answer ({reason}); run the same again later")

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Wait for the turn and ask once. Raises FetchError or SourceError without their cause."""
        self._wait_for_turn()
        try:
            found = self._flickr.photos.search(**question)["photos"]
            numbers = {name: int(found[name]) for name in ("total", "pages")}
            return {**numbers, "photo": list(found["photo"])}
        except flickrapi.FlickrError as error:
            fault = self._refusal(error)
        except requests.RequestException as error:
            # requests reports a timeout in the middle of an answer as a ConnectionError
            silent = isinstance(error, requests.Timeout) or "timed out" in str(error)
            reason = f"silent for {self._params.timeout_s:g} s" if silent else type(error).__name__
            fault = _not_now(reason)
        except (ValueError, LookupError, TypeError, AttributeError):  # in flickrapi too
            fault = _not_now("it sent something else than photos")
        raise fault  # outside the handlers, whose error would become its context

    def _refusal(self, error: flickrapi.FlickrError) -> Exception:
        """Return a FetchError if Flickr's failure is temporary, else a SourceError."""
        stated = str(error).removeprefix("Error: ")
        for secret in self._secrets:
            stated = stated.replace(secret, "***")
        if error.code in NOT_NOW:
            return _not_now(stated)
        way_out = WAYS_OUT.get(error.code, "see https://www.flickr.com/services/api/")
        return SourceError(f"Flickr refuses the search ({stated}): {way_out}")

    def _wait_for_turn(self) -> None:
        now = self._clock()
        if now < self._next_s:
            self._sleep(self._next_s - now)
        self._next_s = max(now, self._next_s) + 3600 / self._params.calls_per_hour


def _check_status(response: requests.Response, **_: Any) -> None:
    """Raise SourceError if the status refuses the key, FetchError for any other but 200."""
    status = response.status_code
    if status in (401, 403):
        raise SourceError(f"Flickr refuses the key (status {status}): check {KEY} and {SECRET}")
    if status != 200:
        raise FetchError.by_status(status, response.headers.get("Retry-After"))


def _not_now(reason: str) -> Exception:
    return FetchError("failed", reason, again=True)
