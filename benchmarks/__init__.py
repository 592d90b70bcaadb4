"""What claims of difficulty and speed rest on; `make bench`."""

from helpers import track as track  # before torch, which reads at its import what this sets
