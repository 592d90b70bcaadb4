"""What tools and benchmarks write into Markdown files: tables, blocks between two markers; whole or not at all."""

import re
from collections.abc import Iterable
from pathlib import Path


def table(head: str, rows: Iterable[Iterable]) -> str:
    """Return a table; `head` names the columns, parted by ` | `."""
    lines = [f"| {head} |", "|" + "---|" * len(head.split(" | "))]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def write(file: Path, text: str) -> None:
    """Write a file aside, then rename it: killed at any moment, the old one is whole, or the new one."""
    aside = file.with_name(f".{file.name}.part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(file)


def with_block(page: str, name: str, text: str) -> str:
    """Return a page with a text between the two markers of a name.

    Raises ValueError: the page has no such markers.
    """
    start, end = f"<!-- {name}: made by ", f"<!-- end of {name} -->"
    if start not in page or end not in page:
        raise ValueError(f"The page lacks {start}... --> or {end}. Put both on lines of their own.")
    pattern = rf"(?s)({re.escape(start)}[^>]*>\n).*?({re.escape(end)})"
    return re.sub(pattern, lambda found: f"{found[1]}{text}\n{found[2]}", page)


def write_block(file: Path, name: str, text: str) -> None:
    """Put a text between the two markers of a name in a file; it is refused as in `with_block`."""
    write(file, with_block(file.read_text(encoding="utf-8"), name, text))
