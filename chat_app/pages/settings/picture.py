"""My picture: choosing one, which sends it at once, and taking it off. The forms are posted by the browser itself."""

import reflex as rx

from chat_app.components.fields import PICTURE_KINDS, fault_line
from chat_app.components.icons import icon
from chat_app.components.plain_form import plain_form
from chat_app.components.routes import SESSION_AVATAR, SESSION_AVATAR_OFF
from chat_app.components.words import refusal_words, t
from chat_app.domain.users.errors import PictureTooLarge
from chat_app.domain.users.rules import MOST_PICTURE_BYTES
from chat_app.pages.settings.state import PICTURE, SettingsState

FORM, OFF_FORM, TOO_LARGE = "picture-form", "picture-off-form", "picture-too-large"

# What the server would refuse is not sent for minutes first. The words for it stand in the page, unseen.
SEND = f"""(event) => {{
  const input = event.currentTarget;
  if (!input.files.length) return;
  const tooLarge = input.files[0].size > {MOST_PICTURE_BYTES};
  document.getElementById("{TOO_LARGE}").hidden = !tooLarge;
  input.parentElement.classList.toggle("busy", !tooLarge);
  if (tooLarge) input.value = "";
  else input.form.requestSubmit();
}}"""


def picture_buttons() -> rx.Component:
    """For the profile's own form: these belong to others, of which there can be none within it."""
    worn = SettingsState.face.picture != ""
    choose = rx.el.label(
        icon("camera", 16),
        rx.cond(worn, t("settings.picture_change"), t("settings.picture_add")),
        rx.el.input(
            type="file",
            name=PICTURE,
            accept=PICTURE_KINDS,
            class_name="over",
            aria_describedby="picture-fault",
            custom_attrs={"form": FORM, "onChange": rx.Var(SEND)},
        ),
        class_name="btn s line pick",
    )
    off = rx.el.button(
        t("settings.picture_off"), type="submit", class_name="btn s ghost", custom_attrs={"form": OFF_FORM}
    )
    return rx.fragment(choose, rx.cond(worn, off))


def picture_fault() -> rx.Component:
    """Why the last one was refused: here, or by the server."""
    refusal = PictureTooLarge()
    here = rx.el.div(
        rx.el.span(
            icon("circle-alert"), refusal_words(code=refusal.code, params=refusal.params), class_name="hint err"
        ),
        id=TOO_LARGE,
        role="alert",
        hidden=True,
    )
    return rx.el.div(here, fault_line(SettingsState.faults[PICTURE], line_id="picture-fault"), class_name="pfault")


def picture_forms() -> rx.Component:
    """The forms themselves, of which nothing is seen."""
    return rx.fragment(
        plain_form(path=SESSION_AVATAR, kind="multipart/form-data", id=FORM, hidden=True),
        plain_form(path=SESSION_AVATAR_OFF, id=OFF_FORM, hidden=True),
    )
