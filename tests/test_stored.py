"""What is stored for everybody to read holds nobody's secrets, names or paths."""

import re
from html import escape

import nbformat
import pytest

import helpers
from helpers import course

FOLDERS = ("notebooks", "solutions", "docs", "benchmarks", "checkpoints", "data")
ENDINGS = (".ipynb", ".py", ".md", ".svg", ".json", ".jsonl", ".csv", ".conll", ".txt")
STORED = sorted(
    path
    for folder in FOLDERS
    for path in (helpers.ROOT / folder).rglob("*")
    if path.suffix in ENDINGS and not {"__pycache__", ".ipynb_checkpoints"} & {*path.parts}
)

LEAKS = {
    "token of Hugging Face": r"\bhf_[A-Za-z0-9]{16,}",
    "token of GitHub": r"\bgh[opsur]_[A-Za-z0-9]{16,}|\bgithub_pat_\w{16,}",
    "key of another service": r"\bsk-[\w-]{20,}|\bAKIA[A-Z0-9]{16}\b|\bxox[abp]-[\w-]{10,}|\bpypi-[\w-]{50,}",
    "secret in an address": r"https?://[^\s/@:\"']+:[^\s/@\"']+@",
    "private key": r"BEGIN [A-Z ]*PRIVATE KEY",
    "home folder": r"/home/\w+|/Users/\w+|/root/\w*|\b[A-Z]:\\+Users\\+\w+",
    "folder of one machine": r"(?:(?<![\w.])|(?<=\.\.))/(?:work|tmp|var/folders|mnt|opt)/\w+",
    "prompt of a shell": r"\b\w+@[\w.-]+:[~/]",
}


def leaks(text):
    """Return "kind: what was found" for each leak of a text."""
    return [
        f"{kind}: {found[0]}"
        for kind, pattern in LEAKS.items()
        for found in re.finditer(pattern, text)
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("login(token='hf_AbCdEfGhIjKlMnOpQrStUvWx')", "token of Hugging Face"),
        ("ghp_0123456789abcdefABCDEF0123456789abcd", "token of GitHub"),
        ("sk-proj-0123456789abcdefABCD", "key of another service"),
        ("https://anna:secret@example.org/x", "secret in an address"),
        ("saved to /home/anna/course", "home folder"),
        ("File /Users/anna/x.py", "home folder"),
        (r"C:\\Users\\anna\\course", "home folder"),
        ("/tmp/ipykernel_17/1.py", "folder of one machine"),
        ("/work/course/data", "folder of one machine"),
        ("../../../work/course/_runs", "folder of one machine"),
        ("anna@laptop:~/course$", "prompt of a shell"),
        ("hf_hub_download /content/course notebooks/work/x https://example.org/a@b skip-me", ""),
    ],
)
def test_a_leak_is_found_and_nothing_else(text, kind):
    assert [found.partition(":")[0] for found in leaks(text)] == [kind] * bool(kind)


@pytest.mark.parametrize("path", STORED, ids=lambda path: str(path.relative_to(helpers.ROOT)))
def test_no_file_holds_a_secret_or_a_path_of_one_machine(path):
    assert leaks(path.read_text(encoding="utf-8", errors="ignore")) == []


@pytest.mark.parametrize("folder", ["notebooks", "solutions"])
def test_lesson_00_lists_the_lessons_as_they_are_today(folder):
    stored = nbformat.read(helpers.ROOT / folder / "00_start_here.ipynb", as_version=4)
    outputs = [output for cell in stored.cells for output in cell.get("outputs", [])]
    shown = "".join(output.get("data", {}).get("text/html", "") for output in outputs)
    assert [row["learn"] for row in course.lessons() if escape(row["learn"]) not in shown] == []
