"""Values that are valid or do not exist: a constructor takes what was typed and refuses with the field's name.

What they are compared and searched by is made here as well, so that two spellings of one thing meet in one key.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise

import phonenumbers
from confusable_homoglyphs import (  # pyright: ignore[reportMissingTypeStubs]  # it has none
    categories,
    confusables,
)
from email_validator import EmailNotValidError, validate_email
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from chat_app.domain.common.errors import Invalid


class Missing(Invalid):
    """Nothing was given where something must be."""


class BadEmail(Invalid):
    """No address that mail can be sent to."""


class BadPhone(Invalid):
    """No phone number of the region, or of the world when it begins with +."""


class PhoneCountry(Invalid):
    """A number of a country that no codes are sent to."""


class PhoneNotMobile(Invalid):
    """A number that can receive no SMS."""


class UsernameLength(Invalid):
    """Too short or too long; `least` and `most` say how many letters fit."""


class UsernameLetters(Invalid):
    """Something else than letters, digits, `_` and `.`."""


class UsernameMixed(Invalid):
    """Letters of more than one script, which lets names be forged."""


class PasswordLength(Invalid):
    """Too short or too long; `least` and `most` say how many characters fit."""


class PasswordCommon(Invalid):
    """Among the passwords that guessers try first."""


class PasswordOwn(Invalid):
    """Holds the person's own name or email."""


class AboutLength(Invalid):
    """Longer than `most` characters."""


class BadDate(Invalid):
    """No day on which somebody of age was born."""


class NameLength(Invalid):
    """Empty or too long; `most` says how many characters fit."""


LONGEST_EMAIL = 254
LONGEST_PHONE = 32
USERNAME_LENGTH = range(3, 33)
PASSWORD_LENGTH = range(8, 257)
LONGEST_NAME = 64
MOST_MARKS = 3
"""Combining marks kept on one letter; more of them climb over the lines around."""

INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U0001d159")
"""Letters, marks and signs that show nothing: a name with one looks like the name without."""

SHORTEST_OWN = 4
"""A name shorter than this may stand within a word of a password, as `eve` does in `seven`, but not by itself."""


def fold(text: str) -> str:
    """`text` as searches compare it: composed, case folded, `ё` as `е`, single spaces."""
    return " ".join(storable(folded_text(text)).split())


def folded_text(text: str) -> str:
    """The same of a whole text, with its spaces and lines as they are."""
    return unicodedata.normalize("NFKC", calm(text)).casefold().replace("ё", "е")


def calm(text: str) -> str:
    """`text` with at most `LONGEST_RUN` combining marks in a row: to put thousands in order takes long."""
    return text if text.isascii() else MARKS_IN_A_ROW.sub(r"\1", text)


def _combining() -> str:
    """All that Unicode puts in an order of their own, as ranges of a regular expression."""
    marks = [code for code in range(0x300, 0x1F000) if unicodedata.combining(chr(code))]
    starts = [code for code in marks if not unicodedata.combining(chr(code - 1))]
    ends = [code for code in marks if not unicodedata.combining(chr(code + 1))]
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in zip(starts, ends, strict=True))


LONGEST_RUN = 30
"""As the stream-safe text format of Unicode has it (UAX 15)."""

MARKS_IN_A_ROW = re.compile("([{0}]{{{1}}})[{0}]+".format(_combining(), LONGEST_RUN))


def storable(text: str) -> str:
    """`text` without what no database or screen can hold: NUL and other controls, half surrogates, unassigned."""
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs", "Cn"})


def is_storable(text: str) -> bool:
    """Whether a database can hold `text`: PostgreSQL no NUL, and neither of the two half a surrogate pair."""
    return "\x00" not in text and (text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text))


@dataclass(frozen=True, init=False)
class Email:
    """An address that mail can be sent to. `text` as typed, `key` the same for every spelling of it."""

    text: str
    key: str

    def __init__(self, typed: str) -> None:
        typed = typed.strip()
        if not typed:
            raise Missing("email")
        if len(typed) > LONGEST_EMAIL:
            raise BadEmail("email")
        try:
            # the domain is not asked for: that would be slow, and would tell others who signs up here
            valid = validate_email(typed, allow_smtputf8=False, check_deliverability=False, strict=True)
        except (EmailNotValidError, UnicodeError) as error:
            raise BadEmail("email") from error
        object.__setattr__(self, "text", valid.normalized)
        object.__setattr__(self, "key", f"{valid.local_part}@{valid.ascii_domain}".casefold())


def masked_email(address: str) -> str:
    """`ada@example.org` as `a•••@example.org`: enough for its owner to know it."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"


MOBILE_TYPES = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}


@dataclass(frozen=True, init=False)
class Phone:
    """A number that can receive an SMS. `text` is E.164, such as `+79161234567`; `countries` are those served, if not
    all."""

    text: str

    def __init__(self, typed: str, region: str, countries: Collection[str] = ()) -> None:
        typed = typed.strip()
        if not typed:
            raise Missing("phone")
        if len(typed) > LONGEST_PHONE or not all(map(_dialled, typed)):
            raise BadPhone("phone")
        try:
            number = phonenumbers.parse(typed, region.strip().upper())
        except phonenumbers.NumberParseException as error:
            raise BadPhone("phone") from error
        if not phonenumbers.is_valid_number(number) or number.extension:
            raise BadPhone("phone")
        if phonenumbers.number_type(number) not in MOBILE_TYPES:
            raise PhoneNotMobile("phone")
        if countries and phonenumbers.region_code_for_number(number) not in countries:
            raise PhoneCountry("phone")
        object.__setattr__(self, "text", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _dialled(char: str) -> bool:
    # letters would be dialled by their keys, or dropped: the SMS would go to a stranger
    kind = unicodedata.category(char)
    return not kind.startswith("L") and kind not in {"Cc", "Cs"}


def region_of(number: str) -> str:
    """The country of an E.164 number, by its two letters; empty for one of none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
    except phonenumbers.NumberParseException:
        return ""


def masked_phone(number: str) -> str:
    """`+79161234567` as `+7•••67`: enough for its owner to know it."""
    return f"{number[:2]}•••{number[-2:]}"


@dataclass(frozen=True, init=False)
class Username:
    """A name nobody else bears. `key` is the same for names that look the same, `folded` is for searching."""

    text: str
    folded: str
    key: str

    def __init__(self, typed: str) -> None:
        if len(typed) > 4 * USERNAME_LENGTH.stop:
            raise _username_length()
        text = unicodedata.normalize("NFKC", typed.strip())
        if not text:
            raise Missing("username")
        if len(text) not in USERNAME_LENGTH:
            raise _username_length()
        letters = [char for char in text if unicodedata.category(char).startswith("L") and char not in INVISIBLE]
        if not all(char in letters or unicodedata.category(char) == "Nd" or char in "_." for char in text):
            raise UsernameLetters("username")
        if not any(char.isalnum() for char in text):
            raise UsernameLetters("username")
        if len({_script(char) for char in letters} - {"COMMON"}) > 1:
            raise UsernameMixed("username")
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "folded", fold(text))
        object.__setattr__(self, "key", skeleton(text))


def _script(char: str) -> str:
    return str(categories.alias(char))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  # untyped


def _username_length() -> UsernameLength:
    return UsernameLength("username", least=USERNAME_LENGTH.start, most=USERNAME_LENGTH.stop - 1)


def skeleton(text: str) -> str:
    """What `text` looks like: `раураl` in Cyrillic and `paypal` in Latin are one. Only for comparing, never shown.

    Each letter, case folded, stands for itself or for the plain ASCII letter it is confusable with (Unicode TR 39).
    """
    return "".join(map(_look, fold(text)))


@cache
def _look(char: str) -> str:
    if char.isascii():
        # case is folded by now, and a capital i is the twin of a small L: Ivan and lvan
        return {"0": "o", "1": "l", "i": "l"}.get(char, char)
    for other in _twins(char):
        if other.isascii() and other.isalnum():
            return _look(other.lower())
    # capitals may be the confusable ones: В is B where в is nothing
    for other in _twins(char.upper()):
        if other.isascii() and other.isalnum():
            return _look(other.lower())
    return char


def _twins(char: str) -> list[str]:
    data: dict[str, list[dict[str, str]]] = confusables.confusables_data
    return sorted(twin["c"] for twin in data.get(char, []))


@dataclass(frozen=True, init=False)
class Password:
    """A password somebody may choose. `own` are the username and email it must not hold."""

    text: str = field(repr=False)

    def __init__(self, typed: str, own: Sequence[str] = ()) -> None:
        if not typed:
            raise Missing("password")
        # counted as it is hashed, composed: else é is one character on one keyboard and two on another
        if len(typed) > 4 * PASSWORD_LENGTH.stop or len(unicodedata.normalize("NFC", typed)) not in PASSWORD_LENGTH:
            raise _password_length()
        # what is unassigned here may be an emoji of tomorrow, and is only hashed
        if any(unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t" for char in typed):
            raise _password_length()
        folded = fold(typed)
        # before the common ones, which many names are among
        for name in own:
            if any(_holds(folded, piece) for piece in {fold(name), fold(name.partition("@")[0])}):
                raise PasswordOwn("password")
        if _common(folded):
            raise PasswordCommon("password")
        object.__setattr__(self, "text", typed)


def _password_length() -> PasswordLength:
    return PasswordLength("password", least=PASSWORD_LENGTH.start, most=PASSWORD_LENGTH.stop - 1)


def _holds(folded: str, name: str) -> bool:
    if len(name) >= SHORTEST_OWN:
        return name in folded
    return bool(name) and re.search(rf"(?<![^\W\d_]){re.escape(name)}(?![^\W\d_])", folded) is not None


MOST_COMMON = 10_000
"""How far into the lists of words and names we look for passwords."""

LEET = str.maketrans("0134578@$!", "oieastbasi")


def _common(folded: str) -> bool:
    # "p@ssw0rd2024!" is "password" to every guesser: what decorates a common word does not save it
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    words = {word for text in (folded, bare) for word in (text, text.translate(LEET))}
    # nor does saying it twice
    words |= {word[: (word + word).find(word, 1)] for word in words}
    few = len(set(folded)) <= 2
    return few or any(word in common_passwords() or _in_a_row(word) for word in words if len(word) > 3)


def _in_a_row(word: str) -> bool:
    return {ord(after) - ord(before) for before, after in pairwise(word)} in ({1}, {-1})


@cache
def common_passwords() -> frozenset[str]:
    """Passwords guessed first, case folded: the 30,000 most frequent of leaks, and Russian ones from our own list.

    zxcvbn keeps each word only in the list where it ranks highest, which takes `jennifer` and `beautiful` out of the
    leaks. A password of rank 10,000 is among the first 10,000 of some list.
    """
    ours = (files("chat_app.domain.common") / "common_passwords.txt").read_text("utf-8").split()
    others = (word for ranked in FREQUENCY_LISTS.values() for word in ranked[:MOST_COMMON])
    return frozenset(map(fold, ours)) | frozenset(FREQUENCY_LISTS["passwords"]) | frozenset(others)


@dataclass(frozen=True, init=False)
class PersonName:
    """A name as shown. Controls, invisible and direction-changing signs are taken out, marks on a letter limited."""

    text: str

    def __init__(self, typed: str) -> None:
        if len(typed) > 8 * LONGEST_NAME:
            raise NameLength("name", most=LONGEST_NAME)
        text = _shown(typed)
        seen = any(unicodedata.category(char)[0] in "LNPS" for char in text)
        if not seen or len(text) > LONGEST_NAME:
            raise NameLength("name", most=LONGEST_NAME)
        object.__setattr__(self, "text", text)


def _shown(typed: str) -> str:
    """One line of what can be seen."""
    # taken out first: what stood behind them may combine now with what stood before
    shown = "".join(char for char in typed if char in "\n\t" or not _hidden(char))
    text, marks = "", 0
    for char in unicodedata.normalize("NFC", calm(shown)):
        kind = unicodedata.category(char)
        marks = marks + 1 if kind.startswith("M") else 0
        if kind.startswith("Z") or char in "\n\t":
            text += " "
        elif marks <= MOST_MARKS:
            text += char
    return " ".join(text.split())


LONGEST_TITLE = 128
LONGEST_DESCRIPTION = 500


class TitleLength(Invalid):
    """No title, or one of more than `most` characters."""


class DescriptionLength(Invalid):
    """More than `most` characters."""


@dataclass(frozen=True, init=False)
class GroupTitle:
    """What a group is called. Cleaned like a name."""

    text: str

    def __init__(self, typed: str) -> None:
        text = _shown(typed) if len(typed) <= 8 * LONGEST_TITLE else ""
        if not any(unicodedata.category(char)[0] in "LNPS" for char in text) or len(text) > LONGEST_TITLE:
            raise TitleLength("title", most=LONGEST_TITLE)
        object.__setattr__(self, "text", text)


@dataclass(frozen=True, init=False)
class GroupDescription:
    """What a group is about; may be empty. Each line cleaned like a name."""

    text: str

    def __init__(self, typed: str) -> None:
        if len(typed) > 8 * LONGEST_DESCRIPTION:
            raise DescriptionLength("description", most=LONGEST_DESCRIPTION)
        text = "\n".join(_shown(line) for line in typed.strip().splitlines())
        if len(text) > LONGEST_DESCRIPTION:
            raise DescriptionLength("description", most=LONGEST_DESCRIPTION)
        object.__setattr__(self, "text", text)


LONGEST_ABOUT = 140


@dataclass(frozen=True, init=False)
class About:
    """A line somebody says of themselves; may be empty. Cleaned like a name."""

    text: str

    def __init__(self, typed: str) -> None:
        if len(typed) > 8 * LONGEST_ABOUT or len(text := _shown(typed)) > LONGEST_ABOUT:
            raise AboutLength("about", most=LONGEST_ABOUT)
        object.__setattr__(self, "text", text)


OLDEST = 120
ADULT = 18


@dataclass(frozen=True, init=False)
class BirthDate:
    """A day on which somebody of age may have been born."""

    day: date

    def __init__(self, typed: str, today: date) -> None:
        try:
            born = date.fromisoformat(typed.strip())
        except ValueError as error:
            raise BadDate("birth_date") from error
        age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        if not ADULT <= age <= OLDEST:
            raise BadDate("birth_date")
        object.__setattr__(self, "day", born)


def _hidden(char: str) -> bool:
    return char in INVISIBLE or unicodedata.category(char).startswith("C")
