"""What a mail server's refusals mean for whoever runs the service."""

import smtplib
from urllib.parse import urlsplit

from chat_app.infrastructure.faults import Fault, no_connection

SETTING = "CHAT_SMTP_URL"
LONGEST_ANSWER = 120


def mail_fault(error: OSError, url: str) -> Fault:
    """Why nothing could be sent through the server of `url`. All that `smtplib` raises are `OSError`s."""
    parts = urlsplit(url)
    where = f"{parts.hostname}:{parts.port or (465 if parts.scheme == 'smtps' else 587)}"
    match error:
        case smtplib.SMTPAuthenticationError():
            # its words are left out: some servers repeat what they were told
            return Fault(
                f"the mail server refuses user or password (status {error.smtp_code})",
                f"check both in {SETTING}; signs like @ : / # are written %40 %3A %2F %23 there",
            )
        case smtplib.SMTPNotSupportedError():
            what = "takes no password here" if "AUTH" in str(error) else "offers no STARTTLS"
            return Fault(f"the mail server {what}", f"check scheme and port in {SETTING}: smtps:// is mostly 465")
        case smtplib.SMTPRecipientsRefused():
            code, answer = next(iter(error.recipients.values()))
            return Fault(
                f"the mail server refuses the recipient: {_told(code, answer)}",
                "check the address; where it is right, the server does not let this user send to it",
            )
        case smtplib.SMTPSenderRefused():
            return Fault(
                f"the mail server refuses the sender: {_told(error.smtp_code, error.smtp_error)}",
                "set CHAT_MAIL_FROM to an address that this user may send from",
            )
        case smtplib.SMTPResponseException():
            return Fault(
                f"the mail server refuses: {_told(error.smtp_code, error.smtp_error)}",
                "what the status means stands in the manual of the server, or in its log",
            )
        case smtplib.SMTPServerDisconnected():
            return Fault(f"{where} hangs up", f"check scheme and port in {SETTING}: smtps:// is mostly 465")
        case smtplib.SMTPException():
            return Fault("the mail server knows no way to sign in that we know", f"check the port in {SETTING}")
        case _:
            return no_connection(error, where, SETTING)


def _told(code: int, answer: bytes | str) -> str:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    shown = "".join(char if char.isprintable() else " " for char in text)
    return f"{code} {shown[:LONGEST_ANSWER]}".strip()
