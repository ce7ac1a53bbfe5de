"""Codes that were sent. The digits are nowhere: they are derived from a row's token under the server's key."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index
from sqlmodel import Field, SQLModel

from chat_app.domain.common.tables import NUMBERED_ONCE, Moment, RowNumber


class VerificationCode(SQLModel, table=True):
    """One code for one account, purpose and destination."""

    __tablename__ = "verification_codes"  # pyright: ignore[reportAssignmentType]  # a plain name will do
    __table_args__ = (
        Index("ix_verification_codes_user", "user", "purpose", "created_at"),
        Index("ix_verification_codes_destination", "destination_key", "created_at"),
        Index("ix_verification_codes_day", "purpose", "created_at"),
        NUMBERED_ONCE,
    )

    id: int | None = Field(default=None, sa_column=Column(RowNumber, primary_key=True))
    token: str = Field(unique=True)
    """256 random bits that bind the digits to this row."""
    user: int = Field(sa_column=Column(RowNumber, ForeignKey("users.id", ondelete="CASCADE"), nullable=False))
    purpose: str
    """`email` or `phone`."""
    destination: str
    destination_key: str
    """The same for every spelling of the destination; what is sent there is counted by it."""
    silent: bool = False
    """Belongs to somebody else: it was never sent, and opens nothing."""
    tries: int = 0
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    expires_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    closed_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    """Used, or voided by a newer one."""
