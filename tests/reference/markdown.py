"""Tables and lists in Markdown."""


def grid(header: str, rows: list[list[str]]) -> str:
    """Return a table; commas separate the names of its columns."""
    lines = [header.split(", "), *rows]
    first, *others = (f"| {' | '.join(map(escaped, line))} |\n" for line in lines)
    return f"{first}{'|---' * len(lines[0])}|\n{''.join(others)}"


def escaped(text: str) -> str:
    """Return text so that Markdown shows it as it is; what is between backticks stays."""
    parts = text.split("`")
    parts[::2] = [part.replace("<", "&lt;").replace("|", "\\|") for part in parts[::2]]
    return "`".join(parts)


def listed(values: list[str]) -> str:
    """Return `a`, `b` or `c`."""
    *most, last = (f"`{value}`" for value in values)
    return f"{', '.join(most)} or {last}" if most else last
