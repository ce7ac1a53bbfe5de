"""What the server reads to send a code, and a person to know how it stands with theirs."""

from sqlalchemy import func
from sqlmodel import col, select

from chat_app.domain.common.ids import Row
from chat_app.domain.common.work import Reader, Who, door
from chat_app.domain.verification.rules import DAY, TRIES_PER_CODE, TRIES_PER_DAY, Purpose, SealedCode
from chat_app.domain.verification.tables import VerificationCode


@door(Who.SYSTEM)
def code_to_send(reader: Reader, row: Row) -> SealedCode | None:
    """The code of this row; None once it is used, voided or expired."""
    return _sealed(reader, reader.session.get(VerificationCode, row))


@door(Who.SYSTEM)
def current_code(reader: Reader, user: Row, purpose: Purpose) -> SealedCode | None:
    """The code that this account would have to type now for its email or its phone, be it the first or another one."""
    newest = select(VerificationCode).where(
        VerificationCode.user == user,
        VerificationCode.purpose == purpose.value,
        col(VerificationCode.closed_at).is_(None),
    )
    return _sealed(reader, reader.session.exec(newest.order_by(col(VerificationCode.id).desc()).limit(1)).first())


def _sealed(reader: Reader, code: VerificationCode | None) -> SealedCode | None:
    if code is None or code.silent or code.closed_at is not None or code.expires_at <= reader.now:
        return None
    return SealedCode(code.token, Row(code.user), Purpose(code.purpose), code.destination)


def tries_left(reader: Reader, user: Row, purpose: Purpose, *, tries_today: int) -> int:
    """How often the current code may still be tried; 0 when there is none."""
    newest = select(VerificationCode).where(
        VerificationCode.user == user,
        VerificationCode.purpose == purpose.value,
        col(VerificationCode.closed_at).is_(None),
        col(VerificationCode.expires_at) > reader.now,
    )
    code = reader.session.exec(newest.order_by(col(VerificationCode.id).desc()).limit(1)).first()
    return max(0, min(TRIES_PER_CODE - code.tries, TRIES_PER_DAY - tries_today)) if code else 0


def pretended_today(reader: Reader, destination_key: str) -> int:
    """How often, within a day, somebody wanted a code for this destination that belongs to another account."""
    pretended = select(func.count()).where(
        VerificationCode.destination_key == destination_key,
        col(VerificationCode.silent).is_(True),
        col(VerificationCode.created_at) > reader.now - DAY,
    )
    return reader.session.exec(pretended).one()
