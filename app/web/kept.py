"""Answers that are kept: what is asked again and again is not rendered, hashed and compressed each time.

Whoever keeps an answer keeps what it was made of beside it, and compares: an answer is sent again only while every row
and the state of the index that it was made of are the same. So nothing has to be told when something changes.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Any

COPIES = 3
"""Of a body: itself and its compressed forms."""
MOST_ASKED = 20_000
"""So many addresses are remembered as asked for once."""


class KeptBody(bytes):
    """The body of an answer that is kept; its hash and its compressed forms are made once, when they are asked for."""

    @cached_property
    def digest(self) -> str:
        """What :func:`digest_of` says of it."""
        return digest_of(bytes(self))

    @cached_property
    def packed(self) -> dict[str, bytes]:
        """Its compressed forms by encoding."""
        return {}


def digest_of(body: bytes) -> str:
    """A hash of an answer.

    SHA-256, because processors have instructions for it: a third of the time of BLAKE2 on a page of a list.
    """
    return body.digest if isinstance(body, KeptBody) else hashlib.sha256(body).hexdigest()[:16]


def packing_once(encoding: str, pack: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Compress by ``pack``, the body of an answer that is kept no more than once."""

    def packed(body: bytes) -> bytes:
        if not isinstance(body, KeptBody):
            return pack(body)
        known = body.packed.get(encoding)
        if known is None:
            known = body.packed[encoding] = pack(body)
        return known

    return packed


class Kept:
    """The answers that were asked for last, in so many bytes. Safe to use from any thread."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.size = 0
        self._answers: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._asked: set[int] = set()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        """What is kept under a key; ``None`` where nothing is."""
        with self._lock:
            found = self._answers.get(key)
            if found is None:
                return None
            self._answers.move_to_end(key)
            return found[0]

    def wants(self, key: Hashable) -> bool:
        """Whether to keep an answer: from the second time on that it is asked for.

        Crawlers ask for everything once, and memory that is not given back makes every answer a sixth slower.
        """
        with self._lock:
            if key in self._answers or hash(key) in self._asked:
                return True
            if len(self._asked) >= MOST_ASKED:
                self._asked.clear()
            self._asked.add(hash(key))
            return False

    def put(self, key: Hashable, answer: Any, body: KeptBody, beside: int) -> None:
        """Keep an answer instead of what was kept under the key; those asked for longest ago go.

        ``beside`` is how many bytes it holds on to beside its body: what it was made of.
        """
        size = COPIES * len(body) + beside + 1_000
        if size > self.most_bytes:
            return
        with self._lock:
            _, before = self._answers.pop(key, (None, 0))
            self._answers[key] = (answer, size)
            self.size += size - before
            while self.size > self.most_bytes:
                _, (_, gone) = self._answers.popitem(last=False)
                self.size -= gone
