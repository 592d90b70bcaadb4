"""What the lab is asked to run."""

from __future__ import annotations

from dataclasses import dataclass


class Stopped(Exception):
    """Somebody wanted a run to end; it leaves nothing in the ledger."""


@dataclass(frozen=True)
class Plan:
    """A strategy to run, checked: every value in it is one that training can work with."""

    strategy: str
    seeds: tuple[int, ...]
    epochs: int
    learning_rate: float
    again: str
