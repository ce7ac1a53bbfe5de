"""The button beside the gear, and the dialog that makes a group."""

import reflex as rx

from chat_app.components.dialog import dialog
from chat_app.components.fields import box, field, text_input
from chat_app.components.icons import icon
from chat_app.components.words import t
from chat_app.domain.common.values import LONGEST_TITLE
from chat_app.pages.main.new_group_state import NewGroupState
from chat_app.pages.main.pick import picker
from chat_app.pages.main.pick_state import PickState


def new_group_button() -> rx.Component:
    """Opens the dialog."""
    return rx.el.button(
        icon("square-pen", 18),
        type="button",
        class_name="ib",
        aria_label=t("group.new"),
        aria_haspopup="dialog",
        title=t("group.new"),
        on_click=NewGroupState.start,
    )


def new_group_dialog() -> rx.Component:
    """A title, and who is to be in it."""
    fault = NewGroupState.title_fault
    title = text_input(
        "new-title", name="title", fault=fault, auto_complete="off", required=True, max_length=LONGEST_TITLE
    )
    shown = dialog(
        rx.el.button(
            icon("x"), type="button", class_name="ib x", aria_label=t("notice.close"), on_click=NewGroupState.close
        ),
        rx.el.h2(t("group.new"), id="new-group-title"),
        rx.el.form(
            rx.el.div(
                field(t("group.title"), box(icon("users", 18), title, fault=fault), input_id="new-title", fault=fault),
                picker("new-people", NewGroupState.people_fault),
                class_name="fields",
            ),
            rx.el.div(
                rx.el.button(t("common.cancel"), type="button", class_name="btn ghost", on_click=NewGroupState.close),
                rx.el.button(t("group.create"), type="submit", class_name="btn pri"),
                class_name="foot",
            ),
            on_submit=lambda data: NewGroupState.create(
                NewGroupState.draft, data.to(dict[str, str])["title"], PickState.ids
            ),
        ),
        label_id="new-group-title",
        class_name="gdlg",
        on_close=NewGroupState.close,
    )
    return rx.cond(NewGroupState.open, shown)
