"""Lines of any length in bounded memory."""

from __future__ import annotations

import io
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from app.formats.lines import LineTooLong, read_lines


@given(st.lists(st.binary(max_size=12).filter(lambda line: b"\n" not in line), max_size=8), st.integers(3, 9))
def test_long_lines_are_passed_over_and_all_others_given(lines: list[bytes], limit: int) -> None:
    found = dict(read_lines(io.BytesIO(b"\n".join(lines)), limit))
    for number, line in enumerate(lines, 1):
        if len(line.rstrip(b"\r")) > limit:
            assert isinstance(found[number], LineTooLong)
        elif len(line) <= limit:
            assert found.get(number, b"") == line.strip()


def test_numbers_count_blank_lines_and_ends_do_not_count() -> None:
    assert list(read_lines(io.BytesIO(b"a\r\n\r\n  \nb"))) == [(1, b"a"), (4, b"b")]


class _Endless(io.RawIOBase):
    """``size`` bytes without a line end, then a short line."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.tail = b"\nlast\n"

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self.left:
            size = min(len(buffer), self.left)
            buffer[:size] = b"x" * size
            self.left -= size
            return size
        size = min(len(buffer), len(self.tail))
        buffer[:size] = self.tail[:size]
        self.tail = self.tail[size:]
        return size


def test_a_line_of_many_megabytes_is_not_kept() -> None:
    stream = io.BufferedReader(_Endless(50_000_000), 65_536)
    tracemalloc.start()
    found = list(read_lines(stream, limit=1_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(found[0][1], LineTooLong)
    assert found[0][1].size == 50_000_001
    assert found[1] == (2, b"last")
    assert peak < 8_000_000
