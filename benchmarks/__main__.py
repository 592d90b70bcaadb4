"""Run a benchmark: python -m benchmarks NAME, such as padding."""

import sys
from importlib import import_module

if __name__ == "__main__":
    sys.exit(import_module(f"benchmarks.{sys.argv[1]}").main())
