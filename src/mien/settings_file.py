"""Reading a file of settings in YAML, and its faults in words."""

import reprlib
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from mien.errors import ParamsError


class _Loader(yaml.SafeLoader):
    """YAML that refuses a mapping with two equal keys."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                problem = f"the key {name!r} appears twice"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(name)
        return node


def read_yaml(path: Path, held: bytes | None = None) -> Any:
    """Return the content of the file, which is `held` if it was read before.

    Raises ParamsError when the file is missing, empty or no YAML.
    """
    try:
        text = (path.read_bytes() if held is None else held).decode("utf-8")
        content = yaml.load(text, _Loader)
    except FileNotFoundError:
        raise ParamsError(
            f"{path}: the file is missing; run in a project's folder, or make one by `mien new`"
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ParamsError(f"{path}, line {line}: not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise ParamsError(f"{path}: the file cannot be read: {error.strerror}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ParamsError(f"{path}, line {line}: not valid YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ParamsError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if content is None:
        raise ParamsError(f"{path}: the file is empty")
    return content


def sentence(invalid: ValidationError) -> str:
    """Return one line for the first fault: the setting, its value, what it must be."""
    error = invalid.errors()[0]
    loc = [str(part) for part in error["loc"] if part != "[key]"]  # as pydantic names a bad name
    if loc[:1] in (["variants"], ["features"]):
        del loc[2:3]  # pydantic names the family or kind here; the file does not
    place, kind = ".".join(loc), error["type"]
    if kind == "unknown":
        return ".".join([*loc, error["msg"]])
    if kind == "missing":
        return f"{place} is missing"
    if kind == "union_tag_not_found":
        return f"{place}.{_tag(error)} is missing"
    if kind == "union_tag_invalid":
        known = error["ctx"]["expected_tags"].replace(", ", " or ")
        return f"{place}.{_tag(error)} is {error['ctx']['tag']!r}; it must be {known}"
    if kind == "value_error":
        return f"{place}: {error['ctx']['error']}" if place else str(error["ctx"]["error"])
    must = f"{error['msg'][0].lower()}{error['msg'][1:]}"
    return f"{place or 'the file'} is {reprlib.repr(error['input'])}; {must}"


def _tag(error: Any) -> str:
    """Return the name of the setting that says which kind of section it is."""
    return str(error["ctx"]["discriminator"]).strip("'")
