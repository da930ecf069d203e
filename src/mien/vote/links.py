"""The voters' links: each has a secret token, and whoever has the token votes under that name."""

import fcntl
import hmac
import json
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from mien.errors import ParamsError, SourceError
from mien.files import atomic
from mien.labels.voters import ORGANISER, name_key, voter_name


@dataclass(frozen=True)
class Links:
    """The secret tokens of the organiser and of every voter, by name."""

    organiser: str
    voters: dict[str, str]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Return every name with its token, the organiser's first."""
        return iter([(ORGANISER, self.organiser), *self.voters.items()])

    def find(self, token: str) -> tuple[str, bool] | None:
        """Return the owner of the token, and whether that is the organiser.

        All tokens are compared, each in constant time, so that the time tells nothing.
        """
        given, found = token.encode(), None
        if hmac.compare_digest(given, self.organiser.encode()):
            found = (ORGANISER, True)
        for name, known in self.voters.items():
            if hmac.compare_digest(given, known.encode()):
                found = (name, False)
        return found


def read_links(path: Path) -> Links:
    """Return the links of this folder; the first call makes the organiser's.

    Raises SourceError when the file is damaged.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Links(str(content["organiser"]), dict(content["voters"]))
    except FileNotFoundError:
        links = Links(_token(), {})
        _write(path, links)
        return links
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise SourceError(f"{path}: not the file of links; delete it to make new ones") from None


def invite(path: Path, name: str, voted: Iterable[str]) -> tuple[str, str]:
    """Give the voter of this name a link, if there is none yet; return the name as kept, the token.

    Raises ParamsError for a name that cannot be one, or that is too like that of another voter:
    one with a link, or one of those who `voted`.
    """
    voter = voter_name(name)
    with _alone(path):
        links = read_links(path)
        if voter not in links.voters:
            for other in {*links.voters, *voted} - {voter}:
                if name_key(other) == name_key(voter):
                    raise ParamsError(
                        f"{voter!r}: there is a voter {other!r} already; take another name"
                    )
            links.voters[voter] = _token()
            _write(path, links)
        return voter, links.voters[voter]


def take_back(path: Path, name: str, voted: Iterable[str]) -> None:
    """Take the link of the voter back, who no longer counts as a voter then.

    Raises ParamsError when nobody of this name has a link, and when the voter is one of those who
    `voted`: their votes count.
    """
    name = unicodedata.normalize("NFC", name.strip())
    with _alone(path):
        links = read_links(path)
        if name not in links.voters:
            raise ParamsError(f"{name!r} has no link; `mien vote links` shows who has one")
        if name in voted:
            raise ParamsError(f"{name!r} has voted already, and keeps the link: the votes count")
        del links.voters[name]
        _write(path, links)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock of the file: the page and the command line may change it at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _token() -> str:
    return secrets.token_urlsafe(24)


def _write(path: Path, links: Links) -> None:
    """Write the file for its owner's eyes only."""
    content = json.dumps(asdict(links), ensure_ascii=False, indent=2)
    with atomic(path, mode=0o600) as temporary:
        temporary.write_text(content + "\n", encoding="utf-8")
