"""How often what is shown of a drawn film changes without a reason, and how late it follows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from mien.boxes import iou
from mien.live.look import Face
from mien.live.metadata import Metadata
from mien.live.rows import name_of
from mien.live.sequence import both_ways, shown_in
from mien.live.track import Tracks

SAME = 0.4  # of the union of two boxes
EARLY_S = 0.5  # before a truth changes, what is shown may: half a change of a drawn face

Truth = Sequence[tuple[float, Sequence[tuple[tuple[int, int, int, int], str]]]]
Shown = dict[int, list[tuple[float, str, str]]]  # of each person: time, truth, what is shown


@dataclass(frozen=True)
class Flicker:
    """`false_a_minute` counts, for a face, all changes but the first to each new truth."""

    false_a_minute: float
    delay_s: float  # the median from a change of the truth to what is shown
    followed: int
    changes: int  # of the truth
    right: float  # share of frames


def ways(looks: Sequence[Sequence[Face]], truth: Truth, about: Metadata) -> dict[str, Shown]:
    """Return what is shown of every person: frame by frame, live, and of the whole film."""
    tracks, classes = Tracks(about.live, about.threshold), about.classes
    seen = [tracks.follow(time_s, faces) for (time_s, _), faces in zip(truth, looks, strict=True)]
    whole = _afterwards(seen, truth, about)
    shown: dict[str, Shown] = {name: defaultdict(list) for name in ("frame", "live", "whole")}
    for n, (time_s, persons) in enumerate(truth):
        for person, (box, actual) in enumerate(persons):
            shares = iou([box], [one.face.box for one in seen[n]])[0] if seen[n] else []
            if not len(shares) or shares.max() < SAME:
                continue
            one = seen[n][int(shares.argmax())]
            for name, said in {
                "frame": classes[int(one.face.probabilities.argmax())],
                "live": name_of(one.shown, classes),
                "whole": whole[one.track, n],
            }.items():
                shown[name][person].append((time_s, actual, said))
    return shown


def judge(shown: Shown) -> Flicker:
    """Return how what is shown of all persons together follows the truth."""
    false = right = frames = changes = 0
    seconds, delays = 0.0, []
    for rows in shown.values():
        turns = [n for n in range(1, len(rows)) if rows[n][1] != rows[n - 1][1]]
        said = [n for n in range(1, len(rows)) if rows[n][2] != rows[n - 1][2]]
        followed = 0
        for turn, after in zip(turns, [*turns[1:], len(rows)], strict=True):
            time_s, actual, _ = rows[turn]
            late = [
                rows[n][0] - time_s
                for n in said
                if rows[n][2] == actual and time_s - EARLY_S <= rows[n][0] and n < after
            ]
            delays += late[:1]
            followed += bool(late)
        false += len(said) - followed
        changes += len(turns)
        seconds += rows[-1][0] - rows[0][0]
        right += sum(actual == named for _, actual, named in rows)
        frames += len(rows)
    return Flicker(60 * false / seconds, median(delays), len(delays), changes, right / frames)


def _afterwards(seen, truth: Truth, about: Metadata) -> dict[tuple[int, int], str]:
    """Return what each track shows in each frame, by the frames before and after."""
    places = defaultdict(list)
    for n, faces in enumerate(seen):
        for one in faces:
            places[one.track].append((n, one.face.probabilities))
    found = {}
    for track, rows in places.items():
        times = [truth[n][0] for n, _ in rows]
        smoothed = both_ways(times, [row for _, row in rows], about.live.smoothing_s)
        said = shown_in(smoothed, about.live.lead, about.threshold)
        found |= {
            (track, n): name_of(e, about.classes) for (n, _), e in zip(rows, said, strict=True)
        }
    return found
