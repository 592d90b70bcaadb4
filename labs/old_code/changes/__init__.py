"""The changes themselves, by topic; `run` runs one, both halves."""

from __future__ import annotations

from labs.old_code.change import TOPICS, Change, attempt, run
from labs.old_code.changes import data, models, training

__all__ = ["attempt", "find", "rows", "run"]

ROWS = [change for module in (data, training, models) for change in module.ROWS]


def rows(topic: str | None = None) -> list[Change]:
    """Return the changes of a topic, or all of them in the order of TOPICS.

    Raises:
        ValueError: no such topic.
    """
    if topic is not None and topic not in TOPICS:
        raise ValueError(f"There is no topic {topic!r}. Use one of {', '.join(TOPICS)}.")
    wanted = TOPICS if topic is None else (topic,)
    return [change for name in wanted for change in ROWS if change.topic == name]


def find(name: str) -> Change:
    """Return the change of that name.

    Raises:
        ValueError: no such change.
    """
    for change in ROWS:
        if change.name == name:
            return change
    raise ValueError(f"There is no change {name!r}. `[row.name for row in rows()]` lists them.")
