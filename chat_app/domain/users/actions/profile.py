"""What people say of themselves, and what they allow others."""

from dataclasses import asdict, dataclass
from datetime import date

from sqlmodel import select

from chat_app.domain.common.errors import Invalid
from chat_app.domain.common.events import RemoveFile
from chat_app.domain.common.ids import Row
from chat_app.domain.common.tables import unique_or
from chat_app.domain.common.values import About, BirthDate, PersonName, Username, fold
from chat_app.domain.common.work import Rate, Who, Work, door
from chat_app.domain.users.actions.confirming import my_locked_row
from chat_app.domain.users.errors import UsernameTaken
from chat_app.domain.users.events import ChoicesChanged, PersonChanged
from chat_app.domain.users.naming import keep_name_words
from chat_app.domain.users.queries import choices_of
from chat_app.domain.users.rules import LANGUAGES, Audience, Choices, reserved
from chat_app.domain.users.tables import Preferences, User


@dataclass(frozen=True)
class NewProfile:
    """What somebody says of themselves."""

    name: PersonName
    username: Username
    about: About
    birth_date: BirthDate | None

    @property
    def born(self) -> date | None:
        return self.birth_date.day if self.birth_date else None


@door(rate=Rate("save_profile", per_second=0.2, burst=10))
def save_profile(work: Work, profile: NewProfile) -> None:
    """Refused: `UsernameTaken`."""
    user = my_locked_row(work)
    taken = UsernameTaken("username")
    other = select(User.id).where(User.username_key == profile.username.key, User.id != user.id)
    another = profile.username.key != user.username_key
    if (another and reserved(profile.username)) or work.session.exec(other).first():
        raise taken
    with unique_or(work, taken):
        user.name, user.name_key = profile.name.text, fold(profile.name.text)
        user.username, user.username_key = profile.username.text, profile.username.key
        user.username_folded = profile.username.folded
        user.about, user.birth_date = profile.about.text, profile.born
        work.session.add(user)
    keep_name_words(work, user)
    work.tell(PersonChanged(user.user_id, Row(user.id or 0)))


@door(rate=Rate("set_avatar", per_second=0.1, burst=5))
def set_avatar(work: Work, picture: str | None) -> None:
    """Wear another picture, the name of whose file this is, or none. The file of the one before is removed."""
    user = my_locked_row(work)
    before, user.avatar = user.avatar, picture
    work.session.add(user)
    # the same again, when a transaction is run anew whose commit was not heard of
    if before is not None and before != picture:
        work.later(RemoveFile(before))
    work.tell(PersonChanged(user.user_id, Row(user.id or 0)))


@door(rate=Rate("save_preferences", per_second=1, burst=20))
def save_preferences(work: Work, choices: Choices) -> None:
    """What I allow others, and want to be told."""
    user = my_locked_row(work)
    before = choices_of(work, Row(user.id or 0))
    kept = work.session.get(Preferences, user.id) or Preferences(user=user.id or 0)
    for name, value in asdict(choices).items():
        setattr(kept, name, value)
    work.session.add(kept)
    hidden = Audience.NOBODY
    hides = choices.sees_last_seen is hidden
    work.tell(
        ChoicesChanged(
            user.user_id,
            Row(user.id or 0),
            reading=choices.receipts != before.receipts,
            picture=choices.sees_avatar is not before.sees_avatar,
            hides=None if hides == (before.sees_last_seen is hidden) else hides,
        )
    )


@door(Who.SIGNED_IN)
def set_language(work: Work, language: str) -> None:
    """Speak `ru` or `en` to me, here and in letters. Refused: `Invalid`."""
    if language not in LANGUAGES:
        raise Invalid("language")
    user = my_locked_row(work)
    user.language = language
    work.session.add(user)
    work.tell(PersonChanged(user.user_id, Row(user.id or 0)))
