"""Serving: the app in a thread of its own, so that the service and its pages are one program."""

from __future__ import annotations

import socket
import threading
import time

import uvicorn
from fastapi import FastAPI

PATIENCE = 10.0
"""Seconds the server may take to be ready, or to end."""


class NoPort(Exception):
    """The address cannot be used; the text says what to do, in Chinese."""


class Pages:
    """One server; `address` is where it can be reached from this machine."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        self.app = app
        self._socket = _listen(host, port)
        bound = self._socket.getsockname()[1]
        shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
        self.address = f"http://{shown}:{bound}"
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=3
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True, name="pages")

    def start(self) -> None:
        """Ready on return."""
        self._thread.start()
        end = time.monotonic() + PATIENCE
        while not self._server.started and self._thread.is_alive() and time.monotonic() < end:
            time.sleep(0.01)

    def stop(self) -> None:
        """End after the requests that are under way."""
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        self._socket.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise NoPort(
            f"网页地址 {host}:{port} 不能用（{error.strerror}），请在 settings.yaml 的 web 中换一个端口"
        ) from None
    made.listen(128)
    return made
