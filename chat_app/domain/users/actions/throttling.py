"""Slows down whoever guesses passwords, without ever locking the owner out.

An account is slowed for the address that guesses, not for everyone: else any stranger could keep its owner away. The
counts are rows, so that a restart does not forget; under a hash, so that they tell nobody who tried.
"""

import hashlib
from datetime import datetime, timedelta

from sqlmodel import col, delete, select, update

from chat_app.domain.common.errors import TooMany
from chat_app.domain.common.tables import insert_once
from chat_app.domain.common.work import Rate, Reader, Who, Work, door, limit_key
from chat_app.domain.users.rules import (
    FORGOTTEN_AFTER,
    FREE_FAILURES,
    FREE_FAILURES_OF_ADDRESS,
    THROTTLES_KEPT,
    allowed_at,
    seconds_until,
)
from chat_app.domain.users.tables import Throttle


@door(Who.SYSTEM)
def begin_try(work: Work, account: str, address: str) -> None:
    """Count a try as failed until `pass_try` says otherwise, so that tries at the same moment are counted too.

    Refused: `TooMany`, with a wait that doubles with every failure beyond the free ones; such a try is not counted.
    """
    address = limit_key(address)
    keys = {_key(account, address): FREE_FAILURES, _key(address): FREE_FAILURES_OF_ADDRESS}
    # in one order for all, or two that try at once could wait for each other
    rows = {key: _row(work, key, FORGOTTEN_AFTER) for key in sorted(keys)}
    until = max(allowed_at(row.count, row.last_at, free=keys[key]) or work.now for key, row in rows.items())
    if until > work.now:
        raise TooMany("login", wait_s=seconds_until(until, work.now))
    for row in rows.values():
        row.count += 1
        row.last_at = work.now
        work.session.add(row)


@door(Who.SYSTEM)
def pass_try(work: Work, account: str, address: str) -> None:
    """The password was right: the account starts afresh, and the try is taken off the address."""
    _begin_anew(work, _key(account, limit_key(address)))
    _take_off(work, _key(limit_key(address)))


@door(Who.SYSTEM)
def abandon_try(work: Work, account: str, address: str) -> None:
    """Nothing was compared after all."""
    _take_off(work, _key(account, limit_key(address)))
    _take_off(work, _key(limit_key(address)))


def count_within(work: Work, *parts: str, window: timedelta, amount: int = 1) -> int:
    """How often this was counted in a `window` that began with the first, this time included, `amount` times."""
    row = _row(work, _key(*parts), None)
    if row.count == 0 or row.last_at + window <= work.now:
        row.count, row.last_at = 0, work.now
    row.count += amount
    work.session.add(row)
    return row.count


def spend_lasting(work: Work, rate: Rate, key: str, *, amount: int = 1) -> None:
    """Count `amount` uses of a rate so slow that a restart must not forget it. Refused: `TooMany`."""
    window = timedelta(seconds=rate.burst / rate.per_second)
    if count_within(work, rate.name, key, window=window, amount=amount) > rate.burst:
        row = _row(work, _key(rate.name, key), None)
        raise TooMany(wait_s=seconds_until(row.last_at + window, work.now))


def check_lasting(reader: Reader, rate: Rate, key: str, *, amount: int = 1) -> None:
    """Whether `spend_lasting` would be refused now. Refused: `TooMany`."""
    window = timedelta(seconds=rate.burst / rate.per_second)
    row = reader.session.exec(select(Throttle).where(Throttle.key == _key(rate.name, key))).first()
    if row is None or row.last_at + window <= reader.now:
        spent, until = 0, reader.now + window
    else:
        spent, until = row.count, row.last_at + window
    if spent + amount > rate.burst:
        raise TooMany(wait_s=seconds_until(until, reader.now))


def forget(work: Work, *parts: str) -> None:
    """Begin to count anew."""
    _begin_anew(work, _key(*parts))


def _begin_anew(work: Work, key: str) -> None:
    # not deleted: another transaction may have found the row, and be waiting for it
    work.session.exec(update(Throttle).where(col(Throttle.key) == key).values(count=0))


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _row(work: Work, key: str, forgotten_after: timedelta | None) -> Throttle:
    mine, row = select(Throttle).where(Throttle.key == key).with_for_update(), None
    while row is None:
        insert_once(work, Throttle, key=key, count=0, last_at=work.now)
        # none when it was there and old, and has been erased since: then it is inserted the next time
        row = work.session.exec(mine).first()
    if forgotten_after is not None and _past(row.last_at, forgotten_after, work.now):
        row.count = 0
    return row


def _past(last_at: datetime, forgotten_after: timedelta, now: datetime) -> bool:
    return last_at + forgotten_after <= now


def _take_off(work: Work, key: str) -> None:
    work.session.exec(
        update(Throttle).where(col(Throttle.key) == key, col(Throttle.count) > 0).values(count=Throttle.count - 1)
    )


@door(Who.SYSTEM)
def erase_old_throttles(work: Work) -> None:
    """Erase what no longer slows anybody."""
    work.session.exec(delete(Throttle).where(col(Throttle.last_at) < work.now - THROTTLES_KEPT))
