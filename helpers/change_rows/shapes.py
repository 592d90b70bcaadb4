"""Kinds of rows that several topics share."""

from helpers.changes import Change


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
