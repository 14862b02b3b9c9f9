"""Times in and out."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.dates import BadDate, parse_age, parse_moment, parse_source_date, rfc3339


def _day(year: int, month: int, day: int, *rest: int) -> datetime:
    return datetime(year, month, day, *rest, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22", _day(2026, 11, 22)),
        ("2026-11-22T21:07:10Z", _day(2026, 11, 22, 21, 7, 10)),
        ("2026-11-22t21:07:10.5+02:00", _day(2026, 11, 22, 19, 7, 10, 500_000)),
        ("2016-12-31T23:59:60Z", _day(2016, 12, 31, 23, 59, 59)),
        (" 1000-01-01 ", _day(1000, 1, 1)),
    ],
)
def test_moments(text: str, expected: datetime) -> None:
    assert parse_moment(text) == expected
    assert parse_moment(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "0000-01-01",
        "99999-01-01",
        "0999-12-31",
        "2026-13-01",
        "2026-02-30",
        "2026-11-22T25:00:00Z",
        "2026-11-22T21:07:10",
        "2026-11-22T21:07Z",
        "20261122",
        "9999-12-31T23:59:59-01:00",
        "1000-01-01T00:00:00+01:00",
        "2026-11-22T21:07:10+99:00",
        "2026-11-22T21:07:10+01:99",
        "\u0662\u0660\u0662\u0666-11-22",
        "2026-11-22" * 99,
    ],
)
def test_no_moments(text: str) -> None:
    with pytest.raises(BadDate) as caught:
        parse_moment(text)
    assert caught.value.detail


def test_years_out_of_range_are_named() -> None:
    for text in ("0000-01-01", "99999-01-01", "12-01-01"):
        with pytest.raises(BadDate, match="between 1000 and 9999"):
            parse_moment(text)


@given(st.datetimes(timezones=st.timezones()).filter(lambda moment: 1001 <= moment.year <= 9998))
def test_written_moments_read_back(moment: datetime) -> None:
    written = rfc3339(moment)
    assert parse_moment(written) == moment.astimezone(UTC).replace(microsecond=0)


def test_writing() -> None:
    zone = timezone(timedelta(hours=2))
    assert rfc3339(datetime(2026, 11, 22, 23, 7, 10, 999, tzinfo=zone)) == "2026-11-22T21:07:10Z"
    with pytest.raises(ValueError, match="time zone"):
        rfc3339(datetime(2026, 11, 22))  # noqa: DTZ001  (the point)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-02-18", _day(2022, 2, 18)),
        ("2022-02-18T10:00:00", _day(2022, 2, 18, 10)),
        ("2023-11-11 23:54:52.917295", _day(2023, 11, 11, 23, 54, 52, 917_295)),
        ("31 May 2022", _day(2022, 5, 31)),
        ("24 Sep 2000", _day(2000, 9, 24)),
        ("2/26/2021", _day(2021, 2, 26)),
        ("26/2/2021", _day(2021, 2, 26)),
        ("8/19/1999", _day(1999, 8, 19)),
        ("Aug 19, 1999", _day(1999, 8, 19)),
        ("September 1st, 2001", _day(2001, 9, 1)),
        ("18.02.2022", _day(2022, 2, 18)),
        ("2022.2.18", _day(2022, 2, 18)),
        ("20220218", _day(2022, 2, 18)),
        ("2022年2月18日", _day(2022, 2, 18)),
        ("2022년 2월 18일", _day(2022, 2, 18)),
        ("18. März 2022", _day(2022, 3, 18)),
        ("1er août 2022", _day(2022, 8, 1)),
        ("lunes, 5 de mayo de 2014", _day(2014, 5, 5)),
        ("5 января 2020 г.", _day(2020, 1, 5)),
        ("Fri, 18 Feb 2022 10:20:30 GMT", _day(2022, 2, 18, 10, 20, 30)),
        ("Feb 18, 2022 at 3:04 PM", _day(2022, 2, 18, 15, 4)),
        ("2022-02-18 12:30 a.m.", _day(2022, 2, 18, 0, 30)),
        ("2022-02-18 13:30 PM", None),
        ("8/1", None),
        ("null", None),
        ("", None),
        (None, None),
        ("31 Jun 2022", None),
        ("13/13/2022", None),
        ("99999-01-01", None),
        ("5 Foo 2022", None),
    ],
)
def test_dates_of_other_archives(text: str | None, expected: datetime | None) -> None:
    assert parse_source_date(text) == expected


@given(st.text())
def test_any_text_is_a_date_or_none(text: str) -> None:
    parse_source_date(text)
    parse_age(text)


def test_ages() -> None:
    now = _day(2026, 3, 31, 12)
    assert parse_age("12h") == timedelta(hours=12)
    assert parse_age("3d") == timedelta(days=3)
    assert parse_age("2w") == timedelta(weeks=2)
    assert now - (parse_age("1m", now) or timedelta()) == _day(2026, 2, 28, 12)
    assert now - (parse_age("6m", now) or timedelta()) == _day(2025, 9, 30, 12)
    assert now - (parse_age("1y", now) or timedelta()) == _day(2025, 3, 31, 12)
    for text in ("", "5", "d", "-3d", "3 d", "3x", "999999y", "999999w", "1000000h", "\u0663d"):
        assert parse_age(text, now) is None
