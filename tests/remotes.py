"""Places where `dvc push` can put things: a folder, an S3 server, an SSH server, all on this machine."""

import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = ROOT / ".venv" / "remotes" / "bin"  # `make .venv/.remotes` makes it
SERVERS = Path(__file__).with_name("servers.py")

AWS_CONFIG = "[default]\nregion = us-east-1\n"
GIT_CONFIG = "[user]\n    name = Ada\n    email = ada@example.org\n"


@dataclass(frozen=True)
class Remote:
    """Where to push to, as `dvc remote` knows it, and the environment in which dvc reaches it."""

    settings: dict[str, str]
    environment: dict[str, str] = field(default_factory=dict)

    def config(self) -> str:
        """Return the text of a `.dvc/config` with this remote as the default."""
        lines = [f"    {name} = {value}" for name, value in self.settings.items()]
        return "\n".join(["[core]", "    remote = there", "['remote \"there\"']", *lines, ""])


@contextmanager
def folder_remote(folder: Path) -> Iterator[Remote]:
    yield Remote({"url": str(folder / "pushed")}, _environment(folder))


@contextmanager
def s3_remote(folder: Path) -> Iterator[Remote]:
    environment = _environment(folder)
    with _served("s3", folder, environment) as port:
        url = f"http://127.0.0.1:{port}"
        yield Remote({"url": "s3://faces/pushed", "endpointurl": url}, environment)


@contextmanager
def ssh_remote(folder: Path) -> Iterator[Remote]:
    environment = _environment(folder)
    with _served("ssh", folder, environment) as port:
        url = f"ssh://ada@127.0.0.1:{port}{folder / 'pushed'}"
        yield Remote({"url": url, "keyfile": str(folder / "key")}, environment)


def _environment(folder: Path) -> dict[str, str]:
    """Return variables that keep the person's own keys, hosts, profiles, proxies and caches out."""
    home = folder / "home"
    home.mkdir()
    (home / "aws").write_text(AWS_CONFIG)
    (home / "git").write_text(GIT_CONFIG)
    return {
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": str(home / "git"),
        "SSH_AUTH_SOCK": "",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_PROFILE": "default",
        "AWS_CONFIG_FILE": str(home / "aws"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "DVC_NO_ANALYTICS": "1",
        "DVC_GLOBAL_CONFIG_DIR": str(home / "dvc"),
        "DVC_SITE_CACHE_DIR": str(home / "site-cache"),
        "PYTHONDONTWRITEBYTECODE": "",  # a second less for each dvc
    }


@contextmanager
def _served(kind: str, folder: Path, environment: dict[str, str]) -> Iterator[int]:
    """Start a server and yield its port once it listens; it ends with this block."""
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [str(BIN / "python"), str(SERVERS), kind, str(folder)], env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    try:
        printed, _, _ = select.select([server.stdout], [], [], 60)
        port = server.stdout.readline() if printed else ""
        assert port, f"no {kind} server: {(folder / 'server.log').read_text()}"
        yield int(port)
    finally:
        server.kill()
        server.wait()
        server.stdin.close()
        server.stdout.close()
