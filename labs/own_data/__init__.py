"""A learner's own file: read, inspected, split without leaks, trained as any of the course's tasks.

Taught in: lesson 09.
"""

from labs.own_data.files import Table, find, read
from labs.own_data.inspection import examine
from labs.own_data.splits import prepare, split_groups, texts_of
from labs.own_data.tasks import card, comparison, gain, start

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
