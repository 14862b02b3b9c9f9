"""A process beside the server: it lives as long as its parent, and is started again whenever it dies.

The child ends when the pipe between them closes, however the parent died.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import structlog

from app.config import Settings

RESTART_SECONDS = 2.0
STOP_SECONDS = 60.0
Life = Callable[[Settings, Connection], None]
"""What a child does, from its start until the pipe to its parent closes."""


def stop_with(parent: Connection, told: threading.Event | None = None) -> threading.Event:
    """An event that is set once the parent is gone, or closes the pipe; ``told`` is set by :meth:`Child.tell`.

    Who stops a server often signals all its processes: this one then ends what it has begun, too.
    """
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def wait() -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                parent.recv()
                if told is not None:
                    told.set()
        stop.set()

    threading.Thread(target=wait, daemon=True).start()
    return stop


def end_with_parent(serving: threading.Event | None = None) -> None:
    """End this process once the one that started it is gone: as if it had been told to, or at once before it serves.

    ``serving`` is set by one that serves, once it does.

    A server's workers share its socket: one that outlived it would keep the port from the next server, and serve on
    beside no indexer. One that is still starting would let clients wait on that port, and answer none of them.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        if serving is None or not serving.is_set():
            os._exit(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent-watcher", daemon=True).start()


class Child:
    """Starts a child and, until stopped, starts it again whenever it dies."""

    def __init__(self, name: str, life: Life, settings: Settings) -> None:
        self.name = name
        self._life = life
        self._settings = settings
        self._log = structlog.get_logger(f"fanarchive.{name}")
        self._context = multiprocessing.get_context("spawn")
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None

    def start(self) -> None:
        """Start the child and watch it."""
        self._launch()
        self._watcher = threading.Thread(target=self._watch, name=f"{self.name}-watcher", daemon=True)
        self._watcher.start()

    def _launch(self) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=self._life, args=(self._settings, theirs), name=self.name)
        process.start()
        theirs.close()
        self._process, self._pipe = process, ours

    def _watch(self) -> None:
        while not self._stopping.is_set():
            assert self._process is not None
            self._process.join(0.5)
            if self._process.exitcode is not None and not self._stopping.is_set():
                exitcode, pid = self._process.exitcode, self._process.pid
                self._log.error(f"{self.name}.died", exitcode=exitcode, pid=pid, by=os.getpid())
                if self._stopping.wait(RESTART_SECONDS):
                    return
                self._launch()

    def tell(self) -> None:
        """Tell the child the one thing that can be told it; one that has just been started again does not hear it."""
        assert self._pipe is not None
        with contextlib.suppress(OSError):
            self._pipe.send(None)

    def ask(self) -> None:
        """Tell the child to finish what it has begun, and to end."""
        self._stopping.set()
        if self._watcher is not None:
            self._watcher.join()
        if self._pipe is not None:
            self._pipe.close()

    def stop(self) -> None:
        """Let the child finish what it has begun, and end."""
        self.ask()
        if self._process is not None:
            self._process.join(STOP_SECONDS)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()


def stop_all(children: Sequence[Child]) -> None:
    """Stop several at the same time."""
    for child in children:
        child.ask()
    for child in children:
        child.stop()
