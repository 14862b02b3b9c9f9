"""A way to a server that can be frozen: what is sent on it is taken, and neither passed on nor answered nor closed."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.e2e.running import free_port

PIECE = 1 << 16


class Way:
    """Carries connections to a Unix socket, from a port of its own, until frozen."""

    def __init__(self, target: str, port: int) -> None:
        self.port = port
        self._target = target
        self._open = threading.Event()
        self._open.set()
        self._ends: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", self.port))

    def freeze(self) -> None:
        """From now on nothing arrives, on either side."""
        self._open.clear()

    def thaw(self) -> None:
        """Go on, with what was sent meanwhile."""
        self._open.set()

    def run(self) -> None:
        """Take connections until closed."""
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def close(self) -> None:
        """Close all."""
        self.thaw()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _carry(self, near: socket.socket) -> None:
        self._open.wait()
        far = socket.socket(socket.AF_UNIX)
        self._ends += [near, far]
        with near, far, suppress(OSError), selectors.DefaultSelector() as selector:
            far.connect(self._target)
            selector.register(near, selectors.EVENT_READ, far)
            selector.register(far, selectors.EVENT_READ, near)
            while True:
                for key, _ in selector.select():
                    piece = key.fileobj.recv(PIECE)  # type: ignore[union-attr]
                    self._open.wait()
                    if not piece:
                        return
                    key.data.sendall(piece)


@contextmanager
def way_to(target: str, port: int | None = None) -> Iterator[Way]:
    """A way that is open, for a while."""
    way = Way(target, port or free_port())
    taking = threading.Thread(target=way.run)
    taking.start()
    yield way
    way.close()
    taking.join()
