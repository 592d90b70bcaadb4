"""Tests as tables: the names of the columns are those of the test's own arguments."""

import inspect

import pytest


def cases(*rows):
    """Run a test once for each row: its first arguments, a tuple, or `pytest.param` where the case has a name."""

    def decorate(test):
        width = len(getattr(rows[0], "values", rows[0]))
        names = list(inspect.signature(test).parameters)[:width]
        return pytest.mark.parametrize(names, rows)(test)

    return decorate
