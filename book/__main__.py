"""Make the book: `python -m book` writes _build/html/index.html."""

import sys
from pathlib import Path

from sphinx.cmd.build import build_main

import helpers
from book import pages

BUILD = helpers.ROOT / "_build"


def render(folder: Path, *options: str) -> int:
    """Build the pages of folder/book into folder/html; return 0 if Sphinx found nothing wrong."""
    settings = ("-q", "-c", helpers.ROOT / "book", "-d", folder / "doctrees", *options)
    return build_main([str(part) for part in (*settings, folder / "book", folder / "html")])


def main() -> int:
    """Write what Sphinx reads and build it, a warning being an error; return the exit status."""
    pages.write(BUILD / "book")
    failed = render(BUILD, "-W", "--keep-going", "-j", str(helpers.cores()))
    if not failed:
        print("Open _build/html/index.html")
    return failed


if __name__ == "__main__":
    sys.exit(main())
