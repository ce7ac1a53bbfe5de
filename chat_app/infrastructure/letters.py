"""The words of mail and SMS, in both languages."""

from dataclasses import dataclass

from chat_app.domain.verification.rules import Purpose


@dataclass(frozen=True)
class Letter:
    """What is sent. `code` is set when the text holds one, for the outbox of demo mode."""

    subject: str
    text: str
    code: str = ""


CODE_MAIL = {
    "ru": (
        "Код подтверждения: {code}",
        "Здравствуйте!\n\nВаш код для подтверждения почты в Chat: {code}\n\n"
        "Он действует 10 минут. Никому его не сообщайте. Если вы не регистрировались, ничего делать не нужно.\n",
    ),
    "en": (
        "Your code: {code}",
        "Hello!\n\nYour code to confirm this email address in Chat: {code}\n\n"
        "It is valid for 10 minutes. Tell it to nobody. If you did not sign up, there is nothing you need to do.\n",
    ),
}
CODE_SMS = {
    "ru": "Chat: код {code}. Действует 10 минут, никому его не сообщайте.",
    "en": "Chat: your code is {code}. Valid for 10 minutes, tell it to nobody.",
}
SOMEONE_TRIED = {
    "ru": (
        "Кто-то пытался зарегистрироваться с вашими данными",
        "Здравствуйте!\n\nКто-то указал {what} при регистрации в Chat. Эти данные уже подтверждены вами, поэтому новый "
        "аккаунт не может их использовать.\n\nЕсли это были вы, просто войдите. Если нет, ничего делать не нужно.\n",
    ),
    "en": (
        "Someone tried to sign up with your details",
        "Hello!\n\nSomeone gave {what} when signing up for Chat. You have already confirmed it as yours, so no new "
        "account can use it.\n\nIf it was you, just sign in. If not, there is nothing you need to do.\n",
    ),
}
WHAT = {
    "ru": {Purpose.EMAIL: "ваш адрес почты", Purpose.PHONE: "ваш номер телефона"},
    "en": {Purpose.EMAIL: "your email address", Purpose.PHONE: "your phone number"},
}


def code_letter(purpose: Purpose, code: str, language: str) -> Letter:
    """The mail or SMS with a code."""
    language = known(language)
    if purpose is Purpose.PHONE:
        return Letter("", CODE_SMS[language].format(code=code), code)
    subject, text = CODE_MAIL[language]
    return Letter(subject.format(code=code), text.format(code=code), code)


def someone_tried(purpose: Purpose, language: str) -> Letter:
    """The mail to whoever owns an email or phone that somebody else signed up with."""
    language = known(language)
    subject, text = SOMEONE_TRIED[language]
    return Letter(subject, text.format(what=WHAT[language][purpose]))


def known(language: str) -> str:
    """`language`, or Russian where there are no words of it."""
    return language if language in CODE_MAIL else "ru"
