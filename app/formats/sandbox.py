"""Files read in a process of their own, with limits on memory and time: one that is too much fails alone.

The process is started anew, not forked: it has none of the connections, files or secrets of the one that asks. It is
used for many files, one after the other, and replaced when it was killed or has read its share. Formats that are read
item after item in little memory stay in this process.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import IO, BinaryIO, Final, Self

import orjson

from app.formats.item_wire import unpack
from app.formats.manuscript import ReadItem
from app.formats.options import ReadOptions
from app.formats.problems import Unreadable
from app.formats.registry import HEAD, choose_any, joined, read_input
from app.formats.sandbox_frames import FrameTooLong, read_frame, write_frame
from app.formats.zip_book import LARGEST

CHILD: Final = "app.formats.sandbox_child"
LONGEST_ANSWER: Final = 1024 * 1024 * 1024
_PIECE: Final = 1024 * 1024
_PATIENCE: Final = 5.0


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """What reading one file may cost."""

    seconds: float = 60.0
    memory: int = 1536 * 1024 * 1024
    files: int = 1_000
    """Read by one process before it is replaced."""


class Sandbox:
    """Reads inputs in a child process; a context manager, for one thread."""

    def __init__(self, limits: SandboxLimits | None = None) -> None:
        self.limits = limits or SandboxLimits()
        self.started = 0
        """How many processes there have been."""
        self._child: subprocess.Popen[bytes] | None = None
        self._files = 0

    def __enter__(self) -> Self:
        """Nothing is started before it is needed."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        self.close()

    def close(self) -> None:
        """End the child, if there is one."""
        child, self._child = self._child, None
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        try:
            child.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def read(
        self, stream: BinaryIO, name: str, options: ReadOptions, file_format: str | None = None
    ) -> Iterator[ReadItem]:
        """The items of one input that is no container; as :func:`app.formats.registry.read_input`."""
        head = stream.read(HEAD)
        reader = choose_any(head, name, file_format)
        whole = joined(head, stream)
        if isinstance(reader, Unreadable) or reader.streams:
            yield from read_input(whole, name, options, file_format)
            return
        yield from self._read(whole, name, options, file_format)

    def _read(self, stream: BinaryIO, name: str, options: ReadOptions, file_format: str | None) -> list[ReadItem]:
        child = self._living()
        self._files += 1
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            child.kill()

        timer = threading.Timer(self.limits.seconds, expire)
        timer.start()
        items: list[ReadItem] = []
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            _send(child.stdin, stream, name, options, file_format)
            while frame := read_frame(child.stdout, LONGEST_ANSWER):
                items.append(unpack(frame))
        except (OSError, EOFError, FrameTooLong) as error:
            items.append(ReadItem(name, problem=self._why(child, error, expired=expired).as_problem()))
        except BaseException:  # the stream failed half way: the child waits for the rest of it
            self._kill(child)
            raise
        finally:
            timer.cancel()
            timer.join()
        if self._child is not None and (self._files >= self.limits.files or _says_enough(items)):
            self.close()
        return items

    def _living(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self.close()
        self._files = 0
        self.started += 1
        paths = [os.path.abspath(path or ".") for path in sys.path]  # noqa: PTH100  (no file is meant)
        self._child = subprocess.Popen(  # noqa: S603  (our own interpreter, our own module)
            [sys.executable, "-m", CHILD, str(self.limits.memory), str(int(self.limits.seconds) + 1)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": os.pathsep.join(paths), "PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        return self._child

    def _why(self, child: subprocess.Popen[bytes], error: Exception, *, expired: threading.Event) -> Unreadable:
        """Why the child gave no answer; it is gone afterwards."""
        self._kill(child)
        if expired.is_set() or child.returncode == -signal.SIGXCPU:
            return Unreadable("too-expensive", f"Reading it took longer than {self.limits.seconds:g} seconds.")
        if isinstance(error, FrameTooLong):
            return Unreadable("too-large", "What was read of it is larger than one work can be.")
        return Unreadable(
            "out-of-memory", f"Reading it needs more than {self.limits.memory // 2**20:,} MiB, or broke the reader."
        )

    def _kill(self, child: subprocess.Popen[bytes]) -> None:
        # It has mostly died by itself; what it died of is to be seen.
        try:
            child.wait(0.2)
        except subprocess.TimeoutExpired:
            child.kill()
        self.close()


def _send(to: IO[bytes], stream: BinaryIO, name: str, options: ReadOptions, file_format: str | None) -> None:
    """The name and the bytes of an input; of one that is far too long only as much as shows that."""
    write_frame(to, orjson.dumps({"name": name, "options": asdict(options), "format": file_format}))
    sent = 0
    while sent <= LARGEST and (piece := stream.read(_PIECE)):
        write_frame(to, piece)
        sent += len(piece)
    write_frame(to, b"")
    to.flush()


def _says_enough(items: list[ReadItem]) -> bool:
    """Whether the child ran into its memory limit and lived: it is not used again."""
    return any(item.problem is not None and item.problem["code"] == "out-of-memory" for item in items)
