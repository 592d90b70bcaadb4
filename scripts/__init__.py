"""Lesson 04's loop for several processes, GPUs and machines: `python -m scripts.train_ner --help`."""

import helpers  # noqa: F401  before torch, which reads at its import how its threads wait
