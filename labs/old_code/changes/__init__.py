"""The changes themselves, a file a topic; `run` runs one, both halves.

A change is written as a difference:

    @@ its name
    | set-up of its own; what stands above the first change is that of all
    - the old form
    + the new form
      what stands in both
    error: Type: a part of its message    (or "warns: ", or "silent: ", as `Change.does` has it)
    gives: a part of the new form's value
    note: what else a reader should know
    since: library and version
"""

from pathlib import Path

from labs.old_code.change import TOPICS, Change, attempt, parse, run

__all__ = ["attempt", "find", "rows", "run"]

FILES = {topic: Path(__file__).with_name(f"{topic}.diff") for topic in TOPICS}
ROWS = [row for topic, file in FILES.items() for row in parse(topic, file.read_text("utf-8"))]


def rows(topic: str | None = None) -> list[Change]:
    """Return the changes of a topic, or all of them in the order of TOPICS.

    Raises ValueError: no such topic.
    """
    if topic is not None and topic not in TOPICS:
        raise ValueError(f"There is no topic {topic!r}. Use one of {', '.join(TOPICS)}.")
    return [change for change in ROWS if topic in (None, change.topic)]


def find(name: str) -> Change:
    """Return the change of that name.

    Raises ValueError: no such change.
    """
    for change in ROWS:
        if change.name == name:
            return change
    raise ValueError(f"There is no change {name!r}. `[row.name for row in rows()]` lists them.")
