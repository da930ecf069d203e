"""Where DVC pushes to and pulls from."""

import os
from importlib.util import find_spec
from pathlib import Path
from shlex import quote

from mien import layout
from mien.doctor.finding import Finding
from mien.doctor.storage import Config, read_config

PACKAGES = {  # of a remote's scheme: what `pip install 'dvc[...]'` calls it
    **{name: name for name in ("azure", "gdrive", "gs", "hdfs", "http", "oss", "s3", "ssh")},
    **{"https": "http", "webdav": "webdav", "webdavs": "webdav", "webhdfs": "webhdfs"},
}


def remote() -> Finding:
    """Return whether there is a default remote, and whether it can be used from here."""
    config = read_config()
    name = config.get("core", {}).get("remote")
    if name is None:
        text = "no default remote: nothing can be pushed or pulled"
        add = "dvc remote add --default <name> <folder, s3://... or ssh://...>"
        return Finding("note", text, add)
    url = _url(config, name)
    if url.startswith("remote://"):  # a place within another remote
        base, _, place = url.removeprefix("remote://").partition("/")
        url = f"{_url(config, base)}/{place}"
    if not url:
        text = f"the default remote {name} has no address"
        add = f"dvc remote add --force {quote(name)} <folder, s3://... or ssh://...>"
        return Finding("wrong", text, add)
    return _folder(name, url) if "://" not in url else _address(name, url)


def _url(config: Config, name: str) -> str:
    return config.get(f'remote "{name}"', {}).get("url", "")


def _folder(name: str, url: str) -> Finding:
    """Return whether the folder of a remote is here and can be written to."""
    folder = Path(os.path.normpath(layout.DVC_FOLDER.absolute() / Path(url).expanduser()))
    if not folder.is_dir():
        text = f"{name}: the folder {folder} is not here; mount its disk, or make it"
        return Finding("wrong", text, f"mkdir -p {quote(str(folder))}")
    if not os.access(folder, os.W_OK | os.X_OK):
        text = f"{name}: the folder {folder} is read-only: nothing can be pushed"
        return Finding("note", text, f"chmod u+rwx {quote(str(folder))}")
    return Finding("ok", f"{name}: the folder {folder}")


def _address(name: str, url: str) -> Finding:
    """Return whether DVC has what it needs to reach the address of a remote."""
    scheme = url.partition("://")[0]
    shown = f"{name}: {masked(url)}"
    if scheme not in PACKAGES:
        text = f"{shown} is of a kind that DVC does not know; it knows {', '.join(PACKAGES)}"
        return Finding("wrong", text, f"dvc remote modify {quote(name)} url <address>")
    package = PACKAGES[scheme]
    if find_spec(f"dvc_{package}") is None:
        command = f"pip install 'dvc[{package}]'"
        return Finding("wrong", f"{shown} needs the package dvc-{package}", command)
    return Finding("ok", shown)


def masked(url: str) -> str:
    """Return the address without what may be secret: a password, a token, a signed query."""
    address, query, _ = url.partition("?")
    scheme, _, rest = address.partition("://")
    credentials, at, host = rest.rpartition("@")
    if ":" in credentials:
        credentials = f"{credentials.partition(':')[0]}:***"
    elif credentials and scheme.startswith("http"):
        credentials = "***"
    return f"{scheme}://{credentials}{at}{host}{query and '?***'}"
