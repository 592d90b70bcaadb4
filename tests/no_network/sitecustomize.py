"""Refuse every connection that leaves this machine, in pytest and in each kernel it starts.

Python imports `sitecustomize` at start-up where PYTHONPATH names this folder, so kernels are covered too. Each attempt
is also written to the file COURSE_NETWORK_LOG, because a library may swallow the error and go on.
"""

import os
import socket

LOCAL = ("127.", "localhost", "::1", "0.0.0.0")


class NetworkBlocked(OSError):
    """Something tried to reach another machine."""


def _check(host):
    host = host.decode() if isinstance(host, bytes) else host
    if host is None or (isinstance(host, str) and (host == "" or host.startswith(LOCAL))):
        return
    log = os.environ.get("COURSE_NETWORK_LOG")
    if log:
        with open(log, "a", encoding="utf-8") as file:
            file.write(f"{host}\n")
    raise NetworkBlocked(f"the network is blocked here; something tried to reach {host}")


def _guarded(original):
    def connect(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _check(address[0])
        return original(self, address)

    return connect


_getaddrinfo = socket.getaddrinfo


def _guarded_getaddrinfo(host, *args, **kwargs):
    _check(host)
    return _getaddrinfo(host, *args, **kwargs)


socket.socket.connect = _guarded(socket.socket.connect)
socket.socket.connect_ex = _guarded(socket.socket.connect_ex)
socket.getaddrinfo = _guarded_getaddrinfo
