"""Three stations that lessons open: freezing (06, 08, 09), own data (09), old code (10)."""

import helpers  # noqa: F401  before torch, which reads at its import how its threads wait
