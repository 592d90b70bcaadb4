"""Where measured results are kept: a section of a Markdown file between two markers of its own."""

from __future__ import annotations

from pathlib import Path

import helpers

README = helpers.ROOT / "benchmarks" / "README.md"


def write_section(name: str, text: str, file: Path = README) -> None:
    """Put a text between the two markers of a benchmark, at the end of the file if it has none yet.

    Args:
        name: the benchmark's module in `benchmarks`.
        text: Markdown, without the markers.
        file: the Markdown file.
    """
    start, end = f"<!-- {name}: made by benchmarks/{name}.py -->", f"<!-- end of {name} -->"
    stored = file.read_text(encoding="utf-8")
    if start not in stored:
        stored = f"{stored.rstrip()}\n\n{start}\n{end}\n"
    before, _, rest = stored.partition(start)
    _, _, after = rest.partition(end)
    file.write_text(f"{before}{start}\n{text}\n{end}{after}", encoding="utf-8")
