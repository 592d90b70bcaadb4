"""What builds, runs and trains what the course ships."""

from helpers import track as track  # before torch, which reads at its import what this sets
