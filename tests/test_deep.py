"""Lessons on the full track with a tiny encoder of another family: `make test-deep COURSE_MIRROR=...`."""

import families
import jupytext
import pytest

import helpers
from tools.execution import execute

SOURCES = sorted((helpers.ROOT / "notebooks" / "source").glob("*.py"))
LESSONS = [source for source in SOURCES if source.name[:2] in {"02", "03", "05", "06", "08"}]


@pytest.mark.parametrize("family", ["ModernBERT", "RoBERTa"])
@pytest.mark.parametrize("source", LESSONS, ids=lambda source: source.name[:2])
def test_a_lesson_runs_with_another_encoder(family, source, mirror, tmp_path):
    switches = {
        "COURSE_TRACK": "full",
        "COURSE_MIRROR": mirror,
        "COURSE_CHECKPOINT": families.save(family, tmp_path),
        "COURSE_ROWS": "64",
    }
    ran = execute(jupytext.read(source), source.stem, aside=True, environment=switches)
    assert ran.error == ""
