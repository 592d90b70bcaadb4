"""A learner's own file: read, inspected, split without leaks, trained as any of the course's tasks.

Taught in: lesson 09.
"""

# ruff: noqa: F401  what lesson 09 uses
from labs.own_data.files import Table, export, find, read
from labs.own_data.inspection import examine
from labs.own_data.splits import prepare, split_groups, texts_of
from labs.own_data.tagging import Span, marked, spans_of, split_words, tags_of
from labs.own_data.tasks import card, comparison, experiment, gain, start
