"""Pretrained weights are believed by their hash alone, and appear whole or not at all."""

import hashlib
import http.server
import shutil
import threading
from pathlib import Path

import pytest
from running import ROOT
from typer.testing import CliRunner

from mien.acquire import new_weights
from mien.acquire.weights import fetch_weights
from mien.cli import app
from mien.errors import MienError, SourceError
from mien.params import Weights, load

CONTENT = b"pretrained" * 300_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def server():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/gone":
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT if self.path == "/weights" else CONTENT[:1000])

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as service:
        threading.Thread(target=service.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{service.server_address[1]}"
        service.shutdown()


def test_weights_come_by_url_or_by_path(tmp_path, server):
    fetch_weights("w.pt", Weights(url=f"{server}/weights", sha256=SHA256), tmp_path / "w.pt")
    assert (tmp_path / "w.pt").read_bytes() == CONTENT
    copy = tmp_path / "data" / "copy.pt"
    fetch_weights("copy.pt", Weights(path=tmp_path / "w.pt", sha256=SHA256), copy)
    assert copy.read_bytes() == CONTENT


def test_weights_in_the_home_are_found_by_their_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "w.pt").write_bytes(CONTENT)
    fetch_weights("c.pt", Weights(path=Path("~/w.pt"), sha256=SHA256), tmp_path / "c.pt")
    assert (tmp_path / "c.pt").read_bytes() == CONTENT


def test_a_wrong_hash_is_refused_and_leaves_nothing(tmp_path, server):
    wrong = "0" * 64
    with pytest.raises(SourceError) as error:
        fetch_weights("w.pt", Weights(url=f"{server}/weights", sha256=wrong), tmp_path / "w.pt")
    assert str(error.value) == (
        f"w.pt: its sha256 is {SHA256}, but params.yaml says {wrong}; "
        "if you trust the file, put its hash there"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("place", "reason"), [("/gone", "status 404"), ("/cut", "ChunkedEncodingError")]
)
def test_what_cannot_be_fetched_names_the_settings_that_need_no_file(
    tmp_path, server, place, reason
):
    with pytest.raises(SourceError) as error:
        fetch_weights("w.pt", Weights(url=server + place, sha256=SHA256), tmp_path / "w.pt")
    assert str(error.value).startswith(f"w.pt: {server}{place} cannot be fetched ({reason});")
    assert str(error.value).endswith(
        "the variants' weights yolov8n-cls.yaml and random, and the detector haar, need no file"
    )
    assert list(tmp_path.iterdir()) == []


def test_offline_is_a_clear_error(tmp_path):
    nobody = Weights(url="http://127.0.0.1:9/weights", sha256=SHA256)
    with pytest.raises(SourceError, match=r"cannot be fetched \(ConnectionError\)"):
        fetch_weights("w.pt", nobody, tmp_path / "w.pt")


def test_a_missing_path_is_named(tmp_path):
    missing = Weights(path=Path("nowhere/w.pt"), sha256=SHA256)
    with pytest.raises(SourceError) as error:
        fetch_weights("w.pt", missing, tmp_path / "w.pt")
    assert str(error.value) == "w.pt: nowhere/w.pt: No such file or directory"


# new weights, entered in params.yaml


PAGE = b"  <!DOCTYPE html><html>Sign in</html>"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    return tmp_path


@pytest.fixture
def files():
    """A server of files, as GitHub sends them: by another address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.rpartition("/")[2]
            if name == "gone.pt":
                self.send_error(404)
                return
            if not self.path.startswith("/content"):
                self.send_response(302)
                self.send_header("Location", f"/content/{name}")
                self.end_headers()
                return
            content = {"page.pt": PAGE, "empty.pt": b""}.get(name, CONTENT)
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:1000] if name == "cut.pt" else content)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as service:
        threading.Thread(target=service.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{service.server_address[1]}"
        service.shutdown()


def add(*words):
    return CliRunner().invoke(app, ["acquire", "weights", *words])


def refused(*words):
    """Return the one line of a refusal that wrote nothing."""
    before, there = Path("params.yaml").read_bytes(), sorted(Path().rglob("*.pt*"))
    done = add(*words)
    assert isinstance(done.exception, MienError), done.output
    assert Path("params.yaml").read_bytes() == before
    assert sorted(Path().rglob("*.pt*")) == there
    assert not list(Path().rglob("data/weights/.*"))
    assert "\n" not in str(done.exception)
    return str(done.exception)


def test_new_weights_are_fetched_and_entered_with_their_hash(project, files, monkeypatch):
    before = Path("params.yaml").read_text().splitlines()
    url = f"{files}/releases/net.pt"
    done = add(url)
    assert done.exit_code == 0, done.output
    assert (project / "data/weights/net.pt").read_bytes() == CONTENT
    after = Path("params.yaml").read_text().splitlines()
    assert [line for line in after if line not in before] == [
        "    net.pt:", f"      url: {url}", f"      sha256: {SHA256}",
    ]  # fmt: skip
    assert [line for line in after if line in before] == before
    assert load(Path("params.yaml")).acquire.weights["net.pt"] == Weights(url=url, sha256=SHA256)
    (project / "data/weights/net.pt").unlink()  # as Snakemake does before it runs a rule
    requests = []
    monkeypatch.setattr("mien.acquire.weights.download", lambda *_: requests.append(1) or iter([]))
    assert add("--weights", "data/weights/net.pt").exit_code == 0
    assert (project / "data/weights/net.pt").read_bytes() == CONTENT
    assert not requests
    monkeypatch.undo()
    monkeypatch.chdir(project)
    again = add("net.pt")
    assert again.exit_code == 0
    assert "its hash is right" in again.output
    assert Path("params.yaml").read_text().splitlines() == after


@pytest.mark.usefixtures("project")
def test_ultralytics_own_files_are_known_by_name(files, monkeypatch):
    monkeypatch.setattr(new_weights, "ULTRALYTICS", files + "/{release}/{name}")
    assert add("yolo11n-cls.pt").exit_code == 0
    entry = load(Path("params.yaml")).acquire.weights["yolo11n-cls.pt"]
    assert entry.url.startswith(f"{files}/v8")
    assert "did you mean 'yolov8n-cls.pt'" in refused("yolov8n-cl.pt")
    assert refused("zzz") == (
        "zzz: neither under acquire.weights nor a file that ultralytics publishes; name a URL"
    )


@pytest.mark.usefixtures("project")
def test_what_is_no_file_of_weights_changes_nothing(files):
    assert refused(f"{files}/page.pt") == (
        f"page.pt: {files}/page.pt gives a web page; take the URL of the file itself"
    )
    assert refused(f"{files}/empty.pt") == f"empty.pt: {files}/empty.pt gives an empty file"
    assert "cannot be fetched (ChunkedEncodingError)" in refused(f"{files}/cut.pt")
    assert "cannot be fetched (status 404)" in refused(f"{files}/gone.pt")
    assert "cannot be fetched (ConnectionError)" in refused("http://127.0.0.1:9/net.pt")
    assert "it must begin with https://" in refused("file:///etc/net.pt")
    assert "take the URL of a file" in refused(f"{files}/")
    assert "stands for random weights" in refused(f"{files}/net.yaml")


@pytest.mark.usefixtures("project")
def test_a_hash_that_is_there_is_never_replaced(files):
    text = Path("params.yaml").read_text()
    entry = f"    net.pt: {{url: '{files}/net.pt', sha256: {'a' * 64}}}\n"
    Path("params.yaml").write_text(text.replace("\nfaces:", f"{entry}\nfaces:", 1))
    assert f"its sha256 is {SHA256}, but params.yaml says {'a' * 64}" in refused("net.pt")
    assert f"its sha256 is {SHA256}" in refused(f"{files}/net.pt")
    assert "has net.pt from" in refused(f"{files}/other/net.pt")


@pytest.mark.parametrize("section", [
    "  weights: {}\n", "  weights: {}  # none yet\n", "  weights:\n    {}\n",
    "  weights: {a.pt: {path: a.pt, sha256: %s}}\n" % ("a" * 64),
    "  weights:\n    a.pt: {path: a.pt, sha256: %s} # mine\n    # the end\n" % ("a" * 64),
    "  weights:\r\n    a.pt:\r\n      path: a.pt\r\n      sha256: '%s'\r\n" % ("a" * 64),
])  # fmt: skip
@pytest.mark.usefixtures("project")
def test_however_the_section_is_written_the_rest_stays(files, section):
    text = Path("params.yaml").read_text()
    start, end = text.index("  weights:"), text.index("\nfaces:")
    text = text[:start] + section + text[end:]
    Path("params.yaml").write_bytes(text.encode())
    done = add(f"{files}/net.pt")
    assert done.exit_code == 0, (done.output, done.exception)
    after = Path("params.yaml").read_bytes().decode()
    assert load(Path("params.yaml")).acquire.weights["net.pt"].sha256 == SHA256
    for comment in ("# mine", "# the end", "# none yet"):
        assert (comment in after) == (comment in section)
    assert after.endswith(text[-300:])


@pytest.mark.usefixtures("project")
def test_neither_a_file_nor_a_url_is_a_wrong_call():
    assert add().exit_code == 2
