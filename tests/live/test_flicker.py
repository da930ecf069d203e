"""What smoothing is worth on a drawn film whose every change is known."""

import pytest
from flicker import judge, ways

from mien.live.options import open_looker
from mien.video.film import open_film

pytestmark = pytest.mark.xdist_group("live")


@pytest.fixture(scope="module")
def judged(model, film):
    """Return how each way follows the film's truth."""
    looker = open_looker(model, None, 2)
    with open_film(film.path) as opened:
        looks = [looker.look([frame.picture])[0] for frame in opened.frames()]
    return {name: judge(shown) for name, shown in ways(looks, film.truth, looker.about).items()}


def test_a_shown_expression_flickers_at_most_a_fifth_as_often_as_that_of_single_frames(judged):
    assert judged["frame"].false_a_minute > 10  # a classifier that needs smoothing
    assert judged["live"].false_a_minute <= judged["frame"].false_a_minute / 5


def test_it_is_late_by_less_than_half_a_second_and_misses_few_changes(judged):
    assert judged["live"].delay_s - judged["frame"].delay_s < 0.5
    assert judged["live"].followed >= 0.6 * judged["frame"].followed


def test_a_whole_film_is_as_calm_and_not_late(judged):
    assert judged["whole"].false_a_minute <= judged["frame"].false_a_minute / 5
    assert judged["whole"].delay_s < judged["live"].delay_s
    assert judged["whole"].right >= judged["live"].right


def test_the_judge_counts_what_a_person_would():
    def shown(said, truth="aaaabbbb"):
        return {0: [(n / 2, t, s) for n, (t, s) in enumerate(zip(truth, said, strict=True))]}

    assert judge(shown("aaaabbbb")).false_a_minute == 0
    assert judge(shown("aaaaaabb")).delay_s == 1.0
    flicker = judge(shown("abaaabab"))
    # a to b and back before the change; then b, which follows it, and back, and b again
    assert flicker.false_a_minute == pytest.approx(4 / 3.5 * 60)
    assert (flicker.followed, flicker.changes) == (1, 1)
