"""Tests as tables: the names of the columns are those of the test's own arguments."""

import inspect

import pytest


def cases(*rows):
    """Run a test once for each row: its first arguments, a tuple if several, in `pytest.param` if the case has a name."""
    first = getattr(rows[0], "values", rows[0])
    width = len(first) if isinstance(first, tuple) else 1

    def decorate(test):
        names = list(inspect.signature(test).parameters)[:width]
        return pytest.mark.parametrize(", ".join(names), rows)(test)

    return decorate
