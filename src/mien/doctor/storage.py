"""How DVC is set up here: read from its files, since importing it takes seconds."""

from collections.abc import Mapping
from configparser import Error, RawConfigParser
from pathlib import Path

from mien import layout
from mien.doctor.finding import Finding
from mien.errors import ParamsError
from mien.settings_file import read_yaml

SHARED, LOCAL = layout.DVC_FOLDER / "config", layout.DVC_FOLDER / "config.local"
KINDS = ("outs", "metrics", "plots")
Config = Mapping[str, Mapping[str, str]]


def read_config(*paths: Path) -> Config:
    """Return the options of each section of DVC's settings here; those of config.local win.

    A section is `core`, `cache` or, say, `remote "shelf"`. Raises ParamsError, without the line's
    text since that may be a password, for what cannot be read.
    """
    config: dict[str, dict[str, str]] = {}
    for path in filter(Path.is_file, paths or (SHARED, LOCAL)):
        parser = RawConfigParser(strict=False, delimiters="=")
        try:
            parser.read_string(path.read_text(encoding="utf-8", errors="replace"))
        except Error:
            raise ParamsError(f"{path}: not a file of settings as DVC writes them") from None
        for name in parser.sections():
            section = config.setdefault(name.strip("'"), {})
            section.update({option: _value(text) for option, text in parser.items(name)})
    return config


def _value(text: str) -> str:
    """Return an option's value without its quotes or the comment behind it."""
    if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0]:
        return text[1:-1]
    return text.split(" #")[0].strip()


def cache_folder() -> Path:
    """Return where DVC keeps its cache."""
    return layout.DVC_FOLDER / Path(read_config().get("cache", {}).get("dir", "cache")).expanduser()


def repository() -> Finding:
    """Return whether DVC can work here: in a folder of its own within a git repository."""
    if not layout.DVC_FOLDER.is_dir():
        return Finding("wrong", "there is no .dvc here, so nothing is versioned", "dvc init")
    if not is_versioned():
        return Finding("wrong", "DVC needs git, and this is no git repository", "git init")
    return Finding("ok", "this folder is a DVC repository")


def is_versioned() -> bool:
    """Return whether git keeps this folder, or DVC was told to do without (`core.no_scm`)."""
    has_git = any((folder / ".git").exists() for folder in (Path.cwd(), *Path.cwd().parents))
    return has_git or read_config().get("core", {}).get("no_scm", "").lower() == "true"


def cache_type() -> Finding:
    """Return whether DVC links files from its cache in a way that Snakemake gets on with."""
    types = read_config().get("cache", {}).get("type")
    if types is None:
        return Finding("ok", "reflink or copy, DVC's own")
    if "symlink" not in types:
        return Finding("ok", types)
    level = "--local " if "type" in read_config(LOCAL).get("cache", {}) else ""
    return Finding(
        "wrong",
        f"{types}: Snakemake sees a link's own time and reruns wrongly",
        f"dvc config {level}cache.type hardlink,copy && dvc checkout --relink",
    )


def pulled() -> Finding:
    """Return whether what dvc.lock names is here."""
    if not layout.DVC_LOCK.is_file():
        return Finding("ok", "no dvc.lock: nothing to pull, Snakemake makes everything")
    stages, in_git = (read_yaml(layout.DVC_LOCK).get("stages") or {}).values(), _outs_in_git()
    outs = [out for stage in stages for out in stage.get("outs", ()) if out["path"] not in in_git]
    missing = [out["path"] for out in outs if not _is_here(Path(out["path"]), out)]
    if not missing:
        return Finding("ok", "what dvc.lock names is here")
    more = f" and {len(missing) - 3} more" if missing[3:] else ""
    text = f"dvc.lock names what is not here: {', '.join(missing[:3])}{more}"
    if "remote" in read_config().get("core", {}):
        return Finding("wrong", text, "dvc pull")
    return Finding("wrong", f"{text}; without a remote, build it anew", f"rm {layout.DVC_LOCK}")


def _is_here(path: Path, out: Mapping[str, object]) -> bool:
    """Return whether an out is here; a folder that should have files and has none is not."""
    return path.exists() and not (out.get("nfiles") and path.is_dir() and not any(path.iterdir()))


def _outs_in_git() -> set[str]:
    """Return the outs that git keeps and DVC does not, so that it cannot pull them."""
    declared = read_yaml(layout.DVC_STAGES) if layout.DVC_STAGES.is_file() else {}
    stages = (declared.get("stages") or {}).values()
    outs = [out for stage in stages for kind in KINDS for out in stage.get(kind, ())]
    options = [item for out in outs if isinstance(out, dict) for item in out.items()]
    return {path for path, option in options if not option.get("cache", True)}
