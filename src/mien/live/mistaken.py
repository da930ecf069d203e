"""What a file that is no exported model is, and what to type instead."""

import zipfile
import zlib
from collections.abc import Collection, Mapping
from pathlib import Path

from mien import layout
from mien.images import is_picture

EXPORT = "mien export models/<variant>/<run>"
HEAD = 4096  # bytes read to recognise a file
MOST = 1 << 20  # bytes read of an archive's member, which may unpack to many more
DETECTORS = (b"DetectionModel", b"PoseModel")  # ultralytics' names
PYTORCH = (
    "weights of PyTorch. Of a run of mien: type mien export models/<variant>/<run>. Of a face "
    "detector of ultralytics: type mien export {path}, and name what it writes by --detector"
)
KERAS = f"a model of Keras; those that mien trained are exported by {EXPORT}"
TENSORFLOW = f"a model of TensorFlow, which mien does not run; it runs what {EXPORT} writes"
STARTS = {  # the first bytes of a file, and what it is
    b"version https://git-lfs.github.com/spec/": "Git LFS's pointer to it; type git lfs pull",
    b"outs:": "DVC's pointer to it; type dvc pull",
    b"<!doctype html": "a web page; download the file itself, not the page that offers it",
    b"<html": "a web page; download the file itself, not the page that offers it",
    b"<?xml": "XML, perhaps an error of the server it came from; download it again",
    b"\x89hdf": KERAS,
    b"\x80\x02": PYTORCH,
}
YUNET_OUTPUT = "obj_8"


def instead_of_model(path: Path) -> str:
    """Return why the path names no ONNX model, and the way out."""
    run = path if layout.RUN.fullmatch(path.name) else path.parent
    if layout.RUN.fullmatch(run.name) and path.suffix != ".onnx":
        return f"a run, not its export; type mien export {run}"
    if path.is_dir():
        is_tensorflow = (path / "saved_model.pb").is_file()
        return TENSORFLOW if is_tensorflow else f"a folder; name a file that {EXPORT} wrote"
    if not path.exists():
        return f"there is no such file; make one with {EXPORT}"
    if not path.is_file():
        return f"not a file; name one that {EXPORT} wrote"
    return f"not an ONNX model but {_kind_of(path)}"


def instead_of_export(told: Mapping[str, str], outputs: Collection[str]) -> str:
    """Return what an ONNX model is that mien did not export, judged by metadata and outputs."""
    reason = "not a model that mien exported"
    if "stride" in told and "task" in told:
        return (
            f"{reason} but ultralytics' own export to {told['task']}; type mien export with the "
            ".pt of a face detector and name what it writes by --detector"
        )
    if YUNET_OUTPUT in outputs:
        return f"{reason} but YuNet, a detector of faces; name it by --detector"
    return f"{reason}, so its classes and how faces are cut are not known; make one with {EXPORT}"


def _kind_of(path: Path) -> str:
    """Return what is in the file, and what to do."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        return f"a file that cannot be read: {error.strerror}"
    if not head:
        return "an empty file; copy or export it again"
    begins = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for start, words in STARTS.items():
        if begins.startswith(start):
            return words.format(path=path)
    if head.startswith(b"PK\x03\x04"):
        return _archive_of(path)
    if is_picture(path):
        return "a picture; the model is named first: mien predict model.onnx picture.jpg"
    if path.suffix in (".pb", ".tflite") or head[4:8] == b"TFL3":
        return TENSORFLOW
    return f"something else, or cut short; copy it again, or name one that {EXPORT} wrote"


def _archive_of(path: Path) -> str:
    """Return what is in a zip archive, without running it."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            pickled = [name for name in names if name.endswith("data.pkl")]
            content = archive.open(pickled[0]).read(MOST) if pickled else b""
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError):
        return "an archive cut short; copy it again"
    if any(word in content for word in DETECTORS):
        return f"a detector; type mien export {path}, and name what it writes by --detector"
    if pickled:
        return PYTORCH.format(path=path)
    return KERAS if "config.json" in names else f"an archive; name a file that {EXPORT} wrote"
