"""The guard itself: without it, "no network call" would be a claim."""

import socket
import urllib.request

import nbformat
import pytest
from huggingface_hub import hf_hub_download
from nbclient import NotebookClient

ELSEWHERE = "192.0.2.1"  # TEST-NET-1 of RFC 5737: nobody's address


@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param(lambda: socket.create_connection((ELSEWHERE, 80), timeout=1), id="address"),
        pytest.param(lambda: socket.getaddrinfo("example.invalid", 80), id="name"),
        pytest.param(lambda: urllib.request.urlopen(f"http://{ELSEWHERE}/", timeout=1), id="http"),
        pytest.param(lambda: socket.socket().connect_ex((ELSEWHERE, 80)), id="connect_ex"),
    ],
)
def test_leaving_this_machine_is_refused_and_logged(attempt, quiet_network_log):
    with pytest.raises(OSError, match="network is blocked"):
        attempt()
    assert quiet_network_log.read_text().split()


def test_a_connection_to_this_machine_is_allowed():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def test_the_guard_reaches_into_a_kernel(quiet_network_log):
    code = f"""
import socket
try:
    socket.create_connection(("{ELSEWHERE}", 80), timeout=1)
except OSError as error:
    print(type(error).__name__)
"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    assert notebook.cells[0].outputs[0].text.strip() == "NetworkBlocked"
    assert quiet_network_log.read_text().split() == [ELSEWHERE]


def test_a_hub_download_inside_the_tests_is_refused(quiet_network_log):
    with pytest.raises(Exception, match="offline|connection|locate|blocked"):
        hf_hub_download("nobody/nothing", "config.json", endpoint="https://example.invalid")
