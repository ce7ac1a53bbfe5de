"""The reader's language, as far as the server keeps it for a tab. The screen follows the browser's cookie alone."""

from typing import Literal

import reflex as rx

from chat_app.components.icons import icon
from chat_app.components.words import reader_language, set_language, t
from chat_app.domain.common.work import Person, Who
from chat_app.domain.users.actions import set_language as keep_language
from chat_app.infrastructure.unit_of_work import perform
from chat_app.realtime.policy import actor, handler

Language = Literal["ru", "en"]
NAMES: dict[Language, str] = {"ru": "Русский", "en": "English"}


class LanguageState(rx.State):
    """Hears of a change of language."""

    _lang: str = ""

    @handler(Who.ANYONE)
    async def choose(self, lang: Language) -> None:
        """The browser has changed its language; its words have followed already, letters follow now."""
        self._lang = lang
        if isinstance(who := actor(), Person):
            await perform(who, keep_language, lang)


def language_buttons() -> rx.Component:
    """One button for each language, by its own name."""
    chosen = reader_language()
    buttons = [
        rx.el.button(
            icon("globe", 16) if language == "ru" else rx.fragment(),
            name,
            type="button",
            lang=language,
            aria_pressed=rx.cond(chosen == language, "true", "false"),
            on_click=[set_language(language), LanguageState.choose(language)],
        )
        for language, name in NAMES.items()
    ]
    return rx.el.div(*buttons, class_name="row", role="group", aria_label=t("auth.language"))
