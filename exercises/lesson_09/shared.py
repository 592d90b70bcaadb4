"""What checks of lesson 09 share."""

from __future__ import annotations

LABELS = ["order", "refund", "repair", "praise"]
