"""Times in and out: strict where a client writes them, forgiving where an old file has them."""

from __future__ import annotations

import contextlib
import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

FIRST_YEAR = 1000
LAST_YEAR = 9999

_TIME = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,12}))?)?"
    r"(?:\s?(?P<half>[AaPp])\.?[Mm]\.?)?(?:\s?(?P<zone>[Zz]|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?"
)
_NAME = r"(?P<name>[^\W\d_]{3,11})"
_ISO = re.compile(
    rf"(?P<year>[0-9]{{1,9}})[-/](?P<month>[0-9]{{1,2}})[-/](?P<day>[0-9]{{1,2}})(?:(?:[Tt]|,? ){_TIME})?"
)
_COMPACT = re.compile(r"(?P<year>(?:19|20)[0-9]{2})(?P<month>[01][0-9])(?P<day>[0-3][0-9])")
_EASTERN = re.compile(
    r"(?P<year>[0-9]{4}) ?[年년.] ?(?P<month>[0-9]{1,2}) ?[月월.] ?(?P<day>[0-9]{1,2}) ?[日일.]?"
    rf"(?: {_TIME})?"
)
_SLASHED = re.compile(rf"(?P<month>[0-9]{{1,2}})/(?P<day>[0-9]{{1,2}})/(?P<year>[0-9]{{4}})(?:,? {_TIME})?")
_DOTTED = re.compile(rf"(?P<day>[0-9]{{1,2}})\.\s?(?P<month>[0-9]{{1,2}})\.\s?(?P<year>[0-9]{{4}})(?:,? {_TIME})?")
_DAY_FIRST = re.compile(
    rf"(?:[^\W\d_]{{3,10}}\.?,? )?(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|er|[.ºª])?[ -](?:de )?{_NAME}\.?,?[ -](?:de )?"
    rf"(?P<year>[0-9]{{4}})(?: ?г\.)?(?:,? (?:at )?{_TIME})?"
)
_MONTH_FIRST = re.compile(
    rf"(?:[A-Za-z]{{3,9}},? )?{_NAME}\.? (?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,? (?P<year>[0-9]{{4}})"
    rf"(?:,? (?:at )?{_TIME})?"
)
_SOURCE_SHAPES = (_ISO, _SLASHED, _DAY_FIRST, _MONTH_FIRST, _DOTTED, _COMPACT, _EASTERN)
_MONTHS = (
    "january jan januar janvier janv enero ene gennaio gen janeiro januari января янв stycznia",
    "february feb februar février fevrier févr fév febrero febbraio fevereiro fev februari февраля фев lutego",
    "march mar märz mär mars marzo março marco maart mrt марта мар marca",
    "april apr avril avr abril abr aprile апреля апр kwietnia",
    "may mai mayo maggio mag maio mei maj мая maja",
    "june jun juni juin junio giugno giu junho июня июн czerwca",
    "july jul juli juillet juil julio luglio lug julho июля июл lipca",
    "august aug août aout agosto ago augustus augusti августа авг sierpnia",
    "september sep sept septembre septiembre settembre set setembro сентября сен сент września",
    "october oct oktober okt octobre octubre ottobre ott outubro out октября окт października",
    "november nov novembre noviembre novembro ноября ноя нояб listopada",
    "december dec dezember dez décembre decembre déc diciembre dic dicembre dezembro декабря дек grudnia",
)
_MONTH_NUMBERS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}

_STRICT = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"(?:[Tt ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,12}))?"
    r"(?P<zone>[Zz]|[+-][0-9]{2}:[0-9]{2})?)?"
)
_LONG_YEAR = re.compile(r"[+-]?(?:[0-9]{1,3}|[0-9]{5,})-[0-9]{1,2}-[0-9]{1,2}")
_AGE = re.compile(r"([0-9]{1,6})([hdwmy])")
_LEAP_SECOND = 60
_MONTHS_A_YEAR = 12
_NOON = 12
_LONGEST = 64
_PLAIN_TIME = len("2026-11-22T21:07:10Z")
_YEARS = f"The year is not between {FIRST_YEAR} and {LAST_YEAR}."


class BadDate(ValueError):
    """A date or time that is not one; ``detail`` says in words what is wrong."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def parse_moment(s: str) -> datetime:
    """Read an RFC 3339 time, or an ISO 8601 date as its midnight in UTC.

    Returns an aware time in UTC. Raises :class:`BadDate` for any other shape, for days and hours that do not
    exist and for years outside 1000..9999 (in UTC).
    """
    text = s.strip()
    if len(text) > _LONGEST:
        raise BadDate("A date or time is at most 64 characters long.")
    found = _STRICT.fullmatch(text)
    if found is None:
        if _LONG_YEAR.match(text):
            raise BadDate(_YEARS)
        raise BadDate("It is neither a date (2026-11-22) nor a time (2026-11-22T21:07:10Z).")
    if found["hour"] is not None and found["zone"] is None:
        raise BadDate("The time lacks its offset from UTC (Z or +02:00).")
    if len(text) == _PLAIN_TIME and int(text[:4]) >= FIRST_YEAR:
        with contextlib.suppress(ValueError):  # the longer way says what is wrong, and knows leap seconds
            return datetime.fromisoformat(text.upper())
    return _moment(found.groupdict(), int(found["month"]))


def _moment(found: Mapping[str, str | None], month: int) -> datetime:
    """Build the time that the parts of a match describe, in UTC."""
    year = int(found["year"] or 0)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadDate(_YEARS)
    second = int(found.get("second") or 0)
    if second == _LEAP_SECOND:  # datetime knows no leap seconds
        second = 59
    try:
        local = datetime(
            year,
            month,
            int(found["day"] or 0),
            _hour(found),
            int(found.get("minute") or 0),
            second,
            int((found.get("fraction") or "0")[:6].ljust(6, "0")),
            _zone(found.get("zone")),
        )
        moment = local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadDate(f"There is no such time: {error}.") from None
    if moment.year < FIRST_YEAR:
        raise BadDate(_YEARS)
    return moment


def _hour(found: Mapping[str, str | None]) -> int:
    hour, half = int(found.get("hour") or 0), (found.get("half") or "").lower()
    if not half:
        return hour
    if not 1 <= hour <= _NOON:
        raise BadDate("An hour of a half day is one of 1 to 12.")
    return hour % _NOON + (_NOON if half == "p" else 0)


def _zone(text: str | None) -> timezone:
    if text is None or text in {"Z", "z", "UTC", "GMT"}:
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if minutes >= 60:  # noqa: PLR2004  (minutes of an hour)
        raise ValueError("an offset has at most 59 minutes")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def parse_source_date(s: str | None) -> datetime | None:
    """Read a date as other archives and their tools write it, in UTC; None when it is not understood.

    Knows ISO dates and times, ``31 May 2022`` and ``Aug 19, 1999`` with the months of ten languages, ``18.02.2022``,
    ``2022年2月18日`` and the American ``2/26/2021`` (where the first number cannot be a month, it is the day). A date
    without a year is not one.
    """
    text = " ".join((s or "")[: _LONGEST + 1].split())
    if not text or len(text) > _LONGEST:
        return None
    for shape in _SOURCE_SHAPES:
        found = shape.fullmatch(text)
        if found is not None:
            return _source_moment(found, text)
    return None


def _source_moment(found: re.Match[str], text: str) -> datetime | None:
    named = found.groupdict()
    try:
        if "name" in named:
            month = _MONTH_NUMBERS.get(named["name"].lower())
            return None if month is None else _moment(named, month)
        month = int(named["month"])
        if month > _MONTHS_A_YEAR and found.re is _SLASHED:
            day_first = _DOTTED.fullmatch(text.replace("/", "."))
            return None if day_first is None else _moment(day_first.groupdict(), int(day_first["month"]))
        return _moment(named, month)
    except BadDate:
        return None


def parse_age(s: str, now: datetime | None = None) -> timedelta | None:
    """Read an age (one of ``12h 3d 2w 6m 1y``) as the time from then to ``now``; None if it is not one.

    Months and years are the calendar's: ``6m`` is the time since the same day half a year ago, or that
    month's last day where it is shorter. Ages that reach before the year 1000 are not understood.
    """
    found = _AGE.fullmatch(s.strip().lower())
    if found is None:
        return None
    count, unit = int(found[1]), found[2]
    if unit in "hdw":
        hours = count * {"h": 1, "d": 24, "w": 168}[unit]
        return timedelta(hours=hours) if hours < (LAST_YEAR - FIRST_YEAR) * 8766 else None
    now = now or datetime.now(UTC)
    months = now.year * _MONTHS_A_YEAR + now.month - 1 - count * (_MONTHS_A_YEAR if unit == "y" else 1)
    year, month = divmod(months, _MONTHS_A_YEAR)
    if year < FIRST_YEAR:
        return None
    then = now.replace(year=year, month=month + 1, day=min(now.day, monthrange(year, month + 1)[1]))
    return now - then


def rfc3339(dt: datetime) -> str:
    """Write an aware time as ``2026-11-22T21:07:10Z``; a naive one is a ValueError."""
    if dt.tzinfo is not UTC:
        if dt.tzinfo is None:
            raise ValueError("a time without a time zone cannot be written")
        dt = dt.astimezone(UTC)
    return dt.isoformat()[:19] + "Z"
