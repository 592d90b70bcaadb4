"""One live line that says how far a long job is."""

from __future__ import annotations

import sys
import time


class Progress:
    """One live line a job; off a terminal, a line every 15 seconds.

    Args:
        label: what is being done.
        total: how many steps there are.
        unit: what a step is called.
    """

    def __init__(self, label: str, total: int, unit: str = "cell"):
        self.label, self.total, self.unit = label, total, unit
        self.start, self.last, self.live = time.perf_counter(), 0.0, sys.stdout.isatty()

    @property
    def seconds(self) -> float:
        """Seconds since the job began."""
        return time.perf_counter() - self.start

    def show(self, done: int, note: str = "", final: bool = False) -> None:
        """Show that `done` steps are done; a final line stays."""
        seconds = self.seconds
        if not self.live and not final and seconds - self.last < 15:
            return
        self.last = seconds
        line = f"{self.label}  {self.unit} {done}/{self.total}  {seconds:5.0f} s  {note}"
        print(
            f"\r\033[K{line}" if self.live else line,
            end="\n" if final or not self.live else "",
            flush=True,
        )
