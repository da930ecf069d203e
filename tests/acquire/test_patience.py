"""How long a server asks to wait is understood, whatever it writes."""

import random
import time
from email.utils import formatdate

import pytest

from mien.acquire.patience import LONGEST_WAIT_S, FetchError, seconds_until

FORMS = ["Wed, 21 Oct 2099 07:28:00 GMT", "120"]


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland"])
@pytest.mark.parametrize("ending", ["GMT", "-0000", "+0000"])
def test_a_date_is_of_utc_wherever_this_machine_is(monkeypatch, zone, ending):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    later = formatdate(time.time() + 100).removesuffix("-0000") + ending
    assert 90 < seconds_until(later) <= 100
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("header", "waits_s"),
    [
        (None, 0), ("", 0), ("7", 7), (" 7 ", 7), ("-7", 0), ("²", 0), ("soon", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("Wed, 21 Oct 20150000000000 07:28:00 GMT", 0),
    ],
)  # fmt: skip
def test_a_number_is_of_seconds_and_what_cannot_be_read_is_none(header, waits_s):
    assert seconds_until(header) == waits_s


def test_no_header_is_a_crash():
    chance = random.Random(0)
    signs = ' ,:-+0123456789GMTWedOct./\\()"²\x00\t'
    for _ in range(20_000):
        form = list(chance.choice(FORMS))
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(form))
            form[place : place + chance.randint(0, 2)] = chance.choice(signs) * chance.choice(
                [1, 9]
            )
        assert seconds_until("".join(form)) >= 0


def test_a_server_that_wants_more_time_than_there_is_is_not_asked_again():
    assert FetchError.by_status(503, "7").again
    assert not FetchError.by_status(503, f"{LONGEST_WAIT_S + 1:.0f}").again
    assert not FetchError.by_status(503, "9" * 400).again
