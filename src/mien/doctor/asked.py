"""Whether the settings and sources are valid, and whether what they ask for is here."""

import csv
import os
from pathlib import Path

from mien import layout
from mien.acquire.javascript import NODE, javascript_runtime, node_version
from mien.doctor.finding import Finding, worst
from mien.doctor.remote import masked
from mien.errors import ParamsError
from mien.ids import sha256_of
from mien.params import Params, Weights, YoloVariant, load

ACQUIRE = "snakemake acquired"
NEEDED = (layout.PARAMS, layout.SOURCES, layout.WITHDRAWN)
CODE = ("Snakefile", "dvc.yaml", "workflow", "src")  # beside each other, wherever that is
UNCHECKED = Finding("note", f"not checked, since {layout.PARAMS} is not valid")
FLICKR = ("FLICKR_API_KEY", "FLICKR_API_SECRET")


def project() -> Finding:
    """Return whether the folder has what every project needs."""
    lacking = [str(path) for path in NEEDED if not path.is_file()]
    if lacking:
        return Finding("wrong", f"this folder lacks {', '.join(lacking)}", "mien new .")
    elsewhere = [name for name in CODE if not Path(name).exists()]
    if elsewhere and "Snakefile" not in elsewhere:
        text = f"the Snakefile needs {', '.join(elsewhere)} beside it, and this folder lacks it"
        return Finding("wrong", text, f"git checkout {' '.join(elsewhere)}")
    if elsewhere:
        text = (
            f"the code is not in this folder, which lacks {', '.join(elsewhere)}: Snakemake needs "
            "`--snakefile <clone of mien>/Snakefile`, and DVC keeps nothing"
        )
        return Finding("note", text, "mien new .")
    return Finding("ok", "the folder has settings, tables and code")


def settings() -> Finding:
    """Return whether params.yaml is valid; the error raised says what is not."""
    from mien.train.settings import check_yolo

    params = load(layout.PARAMS)
    for name, variant in params.variants.items():
        if isinstance(variant, YoloVariant):
            check_yolo(name, variant)
    return Finding("ok", f"{layout.PARAMS}; variants: {', '.join(params.variants)}")


def sources() -> Finding:
    """Return whether data/sources.csv is valid and its folders are here."""
    from mien.acquire.sources import own_place, read_sources

    params = _params()
    if params is None:
        return UNCHECKED
    table = read_sources(layout.SOURCES, params.labels.expressions)
    for source, kind, target in zip(table.source_id, table.kind, table.target, strict=True):
        has_scenes = layout.scenes_of(source).is_file()
        if kind == "folder" and not has_scenes and not own_place(target).is_dir():
            text = (
                f"{source}: the folder {target} is not here; correct its target in {layout.SOURCES}"
            )
            return Finding("wrong", text)
    counts = table.kind.value_counts(sort=False)
    return Finding(
        "ok", f"{layout.SOURCES}; {', '.join(f'{n} {kind}' for kind, n in counts.items())}"
    )


def weights() -> Finding:
    """Return whether the pretrained files that the detector and the variants ask for are here."""
    params = _params()
    if params is None:
        return UNCHECKED
    if not params.pretrained:
        return Finding("ok", "no pretrained file is asked for")
    return worst([_file(name, params.acquire.weights[name]) for name in params.pretrained])


def _file(name: str, entry: Weights) -> Finding:
    """Return whether a file of pretrained weights is here with its hash, or can be fetched."""
    from mien.acquire.sources import own_place

    path = layout.WEIGHTS / name
    if path.is_file():
        if sha256_of(path) == entry.sha256:
            return Finding("ok", f"{name} is here")
        return Finding("wrong", f"{path} is not what its sha256 in {layout.PARAMS} says", ACQUIRE)
    if entry.path is None:
        text = f"{name} is not here; it is fetched from {masked(str(entry.url))}"
        return Finding("note", text, ACQUIRE)
    if own_place(entry.path).is_file():
        return Finding("note", f"{name} is not here; it is copied from {entry.path}", ACQUIRE)
    text = f"{name} is not here, nor is {entry.path}; correct its path under acquire.weights"
    return Finding("wrong", text)


def youtube() -> Finding:
    """Return whether videos can be had from YouTube, which needs a JavaScript runtime."""
    if "video" not in _kinds():
        return Finding("ok", "not needed: no source is a video")
    if runtime := javascript_runtime():
        return Finding("ok", f"{runtime} runs YouTube's JavaScript")
    version = node_version()
    here = f"; node is {version} here" if version else ""
    text = f"YouTube's JavaScript needs deno, or node of {NODE} and up{here}"
    return Finding("wrong", text, "pip install deno")


def flickr() -> Finding:
    """Return whether there is a key for Flickr; the key itself is never shown."""
    if "flickr" not in _kinds():
        return Finding("ok", "not needed: no source is of Flickr")
    missing = [name for name in FLICKR if not os.environ.get(name)]
    if not missing:
        return Finding("ok", f"{' and '.join(FLICKR)} are set")
    command = f"export {' '.join(f'{name}=<yours>' for name in missing)}"
    return Finding("wrong", f"no {' and no '.join(missing)} in the environment", command)


def _params() -> Params | None:
    """Return the settings, or None when they are not valid, which `settings` says already."""
    try:
        return load(layout.PARAMS)
    except ParamsError:
        return None


def _kinds() -> set[str]:
    """Return the kinds of sources, including kinds that mien does not know."""
    text = layout.SOURCES.read_text(encoding="utf-8-sig", errors="replace")
    header = text.partition("\n")[0]
    reader = csv.DictReader(text.splitlines(), delimiter=max(",;\t", key=header.count))
    try:
        return {(row.get("kind") or "").strip() for row in reader}
    except csv.Error:
        return set()  # the check of the sources says what is wrong
