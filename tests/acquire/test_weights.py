"""Pretrained weights are believed by their hash alone, and appear whole or not at all."""

import hashlib
import http.server
import threading
from pathlib import Path

import pytest

from mien.acquire.weights import fetch_weights
from mien.errors import SourceError
from mien.params import Weights

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
