"""A learner's own file: read, inspected, split without leaks, trained as any of the course's tasks.

Taught in: lesson 09.
"""

from helpers.own.files import Table, find, read
from helpers.own.inspection import examine
from helpers.own.splits import prepare, split_groups, texts_of
from helpers.own.task import card, comparison, gain, start

__all__ = [
    "Table",
    "card",
    "comparison",
    "examine",
    "find",
    "gain",
    "prepare",
    "read",
    "split_groups",
    "start",
    "texts_of",
]
