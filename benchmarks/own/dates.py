"""Days and hours in the time zones of cities."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import inwit

ZONES = ["Asia/Tokyo", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Sydney"]


def to_utc(moment: datetime, zone: str) -> datetime:
    return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)


def to_local(moment: datetime, zone: str) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def later(moment: datetime, hours: int) -> datetime:
    return moment + timedelta(hours=hours)


def weekday(moment: datetime) -> str:
    return f"{moment:%A}"


@inwit.task(tools=[to_utc, to_local, later, weekday])
def dates(draw: random.Random) -> inwit.Problem:
    moment = datetime(2025, 1, 1) + timedelta(hours=draw.randrange(9000))
    (here, there), hours, level = draw.sample(ZONES, 2), draw.randint(2, 40), draw.randrange(3)
    away = to_local(to_utc(moment, here), there)
    prompt, answer = draw.choice(
        [
            [("what day is {0}", weekday(moment)), ("{3} hours after {0}", later(moment, hours))],
            [("what time is it in {2} at {0} in {1}", away)],
            [("what day is it in {2} {3} hours after {0} in {1}", weekday(later(away, hours)))],
        ][level]
    )
    operands = (moment, here, there, hours)
    return inwit.Problem(prompt=prompt, operands=operands, answer=answer, level=level)
