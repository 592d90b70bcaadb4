"""How much is drawn, broken bytes and JSON, and the errors that may come of them."""

import json
import os
from contextlib import contextmanager

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

CASES = int(os.environ.get("COURSE_FUZZ", "25"))  # `make test-deep` draws 10,000 for each test
many = settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 10**20) | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["text", "label", "start", "data", ""]), inner, max_size=3
        )
    ),
    max_leaves=5,
)


@contextmanager
def refused(*told):
    """Let a ValueError end the block if it says all that it should."""
    try:
        yield
    except ValueError as error:
        if missing := [words for words in told if words not in str(error)]:
            raise AssertionError(f"{missing} not in the error") from error


@st.composite
def broken(draw, content):
    """Draw bytes in which a few pieces were cut, doubled or replaced."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 40)))
        piece = draw(st.sampled_from([b"", content[start:end] * 2]) | st.binary(max_size=4))
        content = content[:start] + piece + content[end:]
    return content


@st.composite
def altered(draw, value):
    """Draw a JSON value in which a part has become another value, or is missing."""
    if isinstance(value, (dict, list)) and value and draw(st.integers(0, 4)):
        keys = list(value) if isinstance(value, dict) else range(len(value))
        key, value = draw(st.sampled_from(keys)), value.copy()
        if draw(st.integers(0, 5)):
            value[key] = draw(altered(value[key]))
        else:
            del value[key]
        return value
    return draw(VALUES)


def broken_json(content):
    """Return a strategy of broken bytes of one JSON value, and of other values in it."""
    other = altered(json.loads(content)).map(lambda value: json.dumps(value).encode())
    return broken(content) | other
