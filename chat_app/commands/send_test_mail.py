"""`send-test-mail EMAIL`: whether mail works, said at once and not by the job runner's log."""

import os

from chat_app.commands.create_admin import email_or_fault
from chat_app.infrastructure.backup import OUTBOX
from chat_app.infrastructure.letters import trial_mail
from chat_app.infrastructure.mail import SmtpMail
from chat_app.infrastructure.mail_faults import mail_fault
from chat_app.settings import Settings


def send_test_mail(settings: Settings, typed: str) -> None:
    """Send a mail by the server of the settings. Raises `Fault` with the reason when it does not take it."""
    email = email_or_fault(typed)
    if settings.smtp_url is None:
        print(f"No mail server is named in CHAT_SMTP_URL: mail is kept in {settings.data_dir / OUTBOX}")
        return
    letter = trial_mail(os.environ.get("LANG", "")[:2])
    try:
        SmtpMail(settings.smtp_url, settings.mail_from).deliver(email.text, letter)
    except OSError as error:
        raise mail_fault(error, settings.smtp_url) from error
    print(f"The mail server took a mail to {email.text}. If it does not arrive, look among the junk, then in its log.")
