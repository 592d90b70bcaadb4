"""A change of the libraries: an old and a new piece of source, and what each of them must show."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata

from packaging.version import Version

KINDS = ("error", "warns", "silent")
TOPICS = (
    "datasets",
    "metrics",
    "arguments",
    "trainer",
    "collators",
    "tokenizers",
    "models",
    "pipelines",
    "hub",
    "setfit",
)


@dataclass(frozen=True)
class Change:
    """One change: what was written, what is written today, and what the old form does.

    `does` is "error" (the old form raises `error`), "warns" (it runs and says that it is deprecated) or
    "silent" (it runs, says nothing, and does something else). `tells` is a part of the error's message,
    of the warning, or of the old form's value; `gives` a part of the new form's value. `setup` is source
    that runs before each of the two. `since` is the library and version from which on all this holds, such
    as "transformers 5.20"; empty where it holds with every version that the course admits.

    Raises:
        ValueError: `does` is none of the three, `error` does not belong to it, or `since` is no such pair.
    """

    topic: str
    name: str
    old: str
    new: str
    does: str
    tells: str
    error: str = ""
    gives: str = ""
    setup: str = ""
    note: str = ""
    since: str = ""

    def __post_init__(self):
        if self.since and len(self.since.split()) != 2:
            raise ValueError(
                f"{self.name}: since is {self.since!r}. Write library and version: 'transformers 5.20'."
            )
        if self.does not in KINDS:
            raise ValueError(f"{self.name}: does is {self.does!r}. Use one of {', '.join(KINDS)}.")
        if bool(self.error) != (self.does == "error"):
            raise ValueError(
                f"{self.name}: does is {self.does!r} and error is {self.error!r}. "
                "Name the exception where the old form raises one, and nowhere else."
            )
        if not self.tells:
            raise ValueError(f"{self.name}: tells is empty. Say what the old form must show.")

    @property
    def not_yet(self) -> str:
        """Say from which version on this holds, where the installed one is older; else an empty text."""
        if not self.since:
            return ""
        library, first = self.since.split()
        installed = metadata.version(library)
        if Version(installed) >= Version(first):
            return ""
        return f"from {self.since} on; this is {installed}"


def gone(
    topic: str, name: str, new: str, gives: str = "", *, where="transformers", **more
) -> Change:
    """Return the row of a name that can no longer be imported."""
    return Change(
        topic=topic,
        name=name,
        old=f"from {where} import {name}",
        does="error",
        error="ImportError",
        tells=f"cannot import name '{name}'",
        new=new,
        gives=gives,
        **more,
    )


def silent(
    topic: str, name: str, setup: str, old: str, tells: str, new: str, gives: str, note: str = ""
) -> Change:
    """Return the row of a form that runs and does something else."""
    return Change(topic, name, old, new, "silent", tells, gives=gives, setup=setup, note=note)
