"""What is written to people, by mail and SMS, in both languages.

The words are in `ru.json` and `en.json`, what a mail says in which order in its template, how it looks in `layout.*`
and `parts.*`. How a letter travels is decided in `mail.py` and `sms.py`; who gets it, in `delivery.py`.
"""

from datetime import datetime

from chat_app.domain.verification.rules import Purpose
from chat_app.infrastructure.letters.rendering import WORDS, Letter, known, mail, moment, sms

__all__ = [
    "Letter",
    "account_deleted",
    "code_letter",
    "email_changed",
    "known",
    "new_sign_in",
    "password_changed",
    "phone_changed",
    "phone_changed_sms",
    "reset_link",
    "someone_tried",
    "trial_mail",
]


def code_letter(purpose: Purpose, code: str, language: str) -> Letter:
    """The mail or SMS with a code."""
    return sms("code", language, code=code) if purpose is Purpose.PHONE else mail("code", language, code=code)


def someone_tried(purpose: Purpose, language: str) -> Letter:
    """The mail to whoever owns an email or phone that somebody else signed up with."""
    return mail("someone_tried", language, what=WORDS[known(language)]["whats"][purpose.value])


def reset_link(url: str, language: str) -> Letter:
    """The mail with the link to a new password. Raises ValueError for a link that is not a whole web address."""
    if not url.startswith(("https://", "http://")):
        raise ValueError("the link must be the whole address")
    return mail("reset_link", language, link=url)


def password_changed(username: str, language: str) -> Letter:
    """The mail that says the password is another."""
    return mail("password_changed", language, username=username)


def email_changed(username: str, language: str) -> Letter:
    """The mail to the address that was the account's until now."""
    return mail("email_changed", language, username=username)


def phone_changed(username: str, language: str) -> Letter:
    """The mail that says the account has another phone. The old one is told by `phone_changed_sms`."""
    return mail("phone_changed", language, username=username)


def phone_changed_sms(language: str) -> Letter:
    """The SMS to the number that was the account's until now."""
    return sms("phone_changed", language)


def new_sign_in(username: str, *, device: str, place: str, at: datetime, language: str) -> Letter:
    """The mail about a sign-in from a device not seen before. `place` is a town or an IP address; empty if unknown."""
    return mail("new_sign_in", language, username=username, device=device, place=place, at=moment(at, language))


def account_deleted(username: str, language: str) -> Letter:
    """The last mail to an account's address."""
    return mail("account_deleted", language, username=username)


def trial_mail(language: str) -> Letter:
    """The mail by which an operator sees that mail works."""
    return mail("trial_mail", language)
