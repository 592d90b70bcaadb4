"""The whole test run works with the network blocked, and fails if anything tried to use it."""

import functools
import gc
import os
import shutil
import socket
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import settings

MIRROR = os.environ.get("COURSE_MIRROR")
for variable in ("TRACK", "ROWS", "CHECKPOINT", "MIRROR", "LEDGER"):
    os.environ.pop(f"COURSE_{variable}", None)

import helpers  # noqa: E402, F401  before torch, which reads at its import how its threads wait

# An example may take long on a busy machine; with CI set, the drawn examples are the same each time.
settings.register_profile("course", settings.default, deadline=None)
settings.load_profile("course")

_SCRATCH = tempfile.TemporaryDirectory(prefix="course-tests-")
if "PYTEST_XDIST_WORKER" not in os.environ:  # workers write to the log of the process that reads it
    os.environ["COURSE_NETWORK_LOG"] = str(Path(_SCRATCH.name) / "network.log")
NETWORK_LOG = Path(os.environ["COURSE_NETWORK_LOG"])
os.environ["COURSE_LEDGER"] = str(Path(_SCRATCH.name) / "ledger.jsonl")
# a metric waits a second for a lock that another holds
os.environ["HF_METRICS_CACHE"] = _SCRATCH.name


def pytest_configure(config):
    if getattr(socket.socket.connect, "__module__", None) != "sitecustomize":
        raise pytest.UsageError("The network is not blocked. Run the tests with: make test")


def pytest_sessionfinish(session, exitstatus):
    if NETWORK_LOG.exists() and exitstatus == 0:
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter):
    if NETWORK_LOG.exists():
        hosts = sorted(set(NETWORK_LOG.read_text(encoding="utf-8").split()))
        told = f"FAILED: something tried to reach {', '.join(hosts)}"
        terminalreporter.write_line(told, red=True)


@pytest.fixture(scope="module", autouse=True)
def only_what_tests_make_is_searched_for_garbage():
    """Leave out what is imported: a search through torch takes a second, and each run of the lab asks for one."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def weights_that_stay_as_they_are_are_hashed_once():
    """Remember which files of weights are sound: a hash of the encoder takes a tenth of a second, in most tests."""
    from helpers import encoder

    check = encoder.check_weights
    check_once = functools.cache(lambda file, state: check(file))

    def check_weights(file):
        found = os.stat(file) if os.path.exists(file) else None
        check_once(file, found and (found.st_size, found.st_mtime_ns))

    encoder.check_weights = check_weights


@pytest.fixture
def mirror():
    """The folder of classic data that this run was given, for tests that are not for every run."""
    return MIRROR or pytest.skip("needs COURSE_MIRROR, and one process")


@pytest.fixture
def full(monkeypatch):
    """The full track."""
    monkeypatch.setenv("COURSE_TRACK", "full")


@pytest.fixture
def quiet_network_log(monkeypatch, tmp_path):
    """Let a test try the guard without failing the run; yields the log it writes instead."""
    log = tmp_path / "network.log"
    monkeypatch.setenv("COURSE_NETWORK_LOG", str(log))
    return log


@pytest.fixture
def file(monkeypatch, tmp_path):
    """The learner's ledger, in a folder that is not there yet."""
    path = tmp_path / "deep" / "ledger.jsonl"
    monkeypatch.setenv("COURSE_LEDGER", str(path))
    return path


@pytest.fixture(scope="session")
def tokenizer():
    from transformers import AutoTokenizer

    from helpers import encoder

    return AutoTokenizer.from_pretrained(encoder.folder())


@pytest.fixture
def no_figure_stays_open():
    """Draw without a screen, and fail a test that leaves a figure open."""
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    plt.close("all")
    yield
    assert plt.get_fignums() == []


@pytest.fixture(scope="session")
def chromium():
    """A headless browser: Chromium of this machine, or Playwright's own."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        pytest.skip("run by make test-browser")
    playwright = pytest.importorskip("playwright.sync_api", reason="run by make test-browser")
    found = shutil.which("chromium") or shutil.which("google-chrome")
    flags = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=found, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """An empty page; the test fails where the page asked another machine for anything, or its console shows an error."""

    def is_away(url):
        place, here = urlsplit(url), ("127.0.0.1", "localhost")
        return place.scheme in ("http", "https", "ws", "wss") and place.hostname not in here

    context = chromium.new_context()
    opened, left, errors = context.new_page(), [], []
    context.on("request", lambda request: is_away(request.url) and left.append(request.url))
    opened.on("console", lambda line: line.type == "error" and errors.append(line.text))
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert (left, errors) == ([], [])
