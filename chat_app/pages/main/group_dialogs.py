"""The dialogs of a group: adding people, its links, and what is asked once more before it is done."""

from typing import Any

import reflex as rx

from chat_app.components.dialog import dialog
from chat_app.components.icons import icon
from chat_app.components.words import refusal_words, t
from chat_app.domain.chats.queries.groups import MEMBERS_SHOWN
from chat_app.pages.main.group import copy_button
from chat_app.pages.main.group_state import GroupState, LinkRow
from chat_app.pages.main.live import open_chat
from chat_app.pages.main.pick import picker
from chat_app.pages.main.pick_state import PickState

LIFETIMES = {0: "group.for_ever", 1: "group.for_day", 7: "group.for_week", 30: "group.for_month"}
"""Days, and what they are called."""

LIMITS = {0: "group.any_number", 1: "", 10: "", 100: ""}
"""How many people may use a link; what is not called anything is its number."""


def group_dialogs() -> rx.Component:
    """The one that is open, if any."""
    chat_id, about = GroupState.group.chat_id, GroupState.about
    shown = rx.match(
        GroupState.dialog,
        ("add", _add()),
        ("links", _links()),
        ("leave", _leave()),
        ("delete", _sure("delete", GroupState.delete(chat_id), title=GroupState.group.title)),
        ("exclude", _sure("exclude", GroupState.do("exclude", chat_id, about.user_id), name=about.name)),
        ("ban", _sure("ban", GroupState.do("ban", chat_id, about.user_id), name=about.name)),
        ("hand_over", _sure("hand_over", GroupState.do("hand_over", chat_id, about.user_id), name=about.name)),
        rx.fragment(),
    )
    # it goes with the chat, from which its reader may be excluded
    return rx.cond(chat_id == open_chat().chat_id, shown)


def _dialog(name: str, /, *children: rx.Component, **values: Any) -> rx.Component:
    return dialog(
        rx.el.button(
            icon("x"), type="button", class_name="ib x", aria_label=t("notice.close"), on_click=GroupState.close
        ),
        rx.el.h2(t(f"group.{name}_title", **values), id="group-dialog"),
        *children,
        label_id="group-dialog",
        class_name="gdlg",
        on_close=GroupState.close,
    )


def _foot(*buttons: rx.Component) -> rx.Component:
    cancel = rx.el.button(t("common.cancel"), type="button", class_name="btn ghost", on_click=GroupState.close)
    return rx.el.div(cancel, *buttons, class_name="foot")


def _sure(name: str, action: Any, /, **values: Any) -> rx.Component:
    """What will happen, and the button that does it."""
    look = "btn pri" if name == "hand_over" else "btn bad fill"
    return _dialog(
        name,
        rx.el.p(t(f"group.{name}_lead"), class_name="mut"),
        _foot(rx.el.button(t(f"group.{name}_submit"), type="button", class_name=look, on_click=action)),
        **values,
    )


def _add() -> rx.Component:
    return _dialog(
        "add",
        rx.el.form(
            rx.el.div(picker("add-people", GroupState.fault), class_name="fields"),
            _foot(
                rx.el.button(t("group.add"), type="submit", class_name="btn pri", disabled=PickState.ids.length() == 0)
            ),
            on_submit=lambda _data: GroupState.add(GroupState.group.chat_id, PickState.ids),
        ),
    )


def _leave() -> rx.Component:
    search = rx.el.label(
        icon("search", 16),
        rx.el.input(
            type="search",
            placeholder=t("main.search"),
            aria_label=t("group.find_heir"),
            auto_complete="off",
            max_length=200,
            on_change=GroupState.find_heirs.debounce(200),
            # to look for somebody is not to leave
            custom_attrs={"onKeyDown": rx.Var('(event) => event.key === "Enter" && event.preventDefault()')},
        ),
        class_name="sbox",
    )
    heirs = rx.el.div(
        rx.el.span(rx.el.label(t("group.heir"), html_for="heir"), class_name="lab"),
        rx.cond(GroupState.group.members > MEMBERS_SHOWN, search),
        rx.el.select(
            rx.el.option(t("group.heir_senior"), value=""),
            rx.foreach(GroupState.heirs, lambda heir: rx.el.option(heir.name, value=heir.user_id, key=heir.user_id)),
            id="heir",
            name="heir",
            class_name="sel",
        ),
        class_name="f",
    )
    alone = GroupState.group.members == 1
    return _dialog(
        "leave",
        rx.el.p(
            rx.cond(
                alone, t("group.leave_last"), rx.cond(GroupState.owns, t("group.leave_owner"), t("group.leave_lead"))
            ),
            class_name="mut",
        ),
        rx.el.form(
            rx.cond(
                GroupState.owns & ~alone,
                rx.el.div(heirs, class_name="fields"),
                rx.el.input(type="hidden", name="heir", value=""),
            ),
            _foot(rx.el.button(t("group.leave_submit"), type="submit", class_name="btn bad fill")),
            on_submit=lambda data: GroupState.leave(GroupState.group.chat_id, data.to(dict[str, str])["heir"]),
        ),
    )


def _links() -> rx.Component:
    fault = GroupState.fault
    return _dialog(
        "links",
        rx.el.p(t("group.links_lead"), class_name="mut"),
        rx.el.ul(rx.foreach(GroupState.links, _link), class_name="glinks"),
        rx.el.form(
            rx.el.div(
                _choice("days", "group.link_days", LIFETIMES),
                _choice("uses", "group.link_uses", LIMITS),
                class_name="fields two",
            ),
            rx.el.div(
                rx.cond(
                    fault["code"],
                    rx.el.span(
                        icon("circle-alert"),
                        refusal_words(code=fault["code"], params=fault["params"]),
                        class_name="hint err",
                    ),
                ),
                role="alert",
            ),
            _foot(rx.el.button(t("group.make_link"), type="submit", class_name="btn pri")),
            on_submit=lambda data: GroupState.make_link(
                GroupState.group.chat_id,
                GroupState.draft,
                rx.Var(f"Number({data}.days)").to(int),
                rx.Var(f"Number({data}.uses)").to(int),
            ),
        ),
    )


def _choice(name: str, words: str, choices: dict[int, str]) -> rx.Component:
    options = [rx.el.option(t(label) if label else str(number), value=str(number)) for number, label in choices.items()]
    return rx.el.div(
        rx.el.span(rx.el.label(t(words), html_for=f"link-{name}"), class_name="lab"),
        rx.el.select(*options, id=f"link-{name}", name=name, class_name="sel"),
        class_name="f",
    )


def _link(link: rx.Var[LinkRow]) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.el.b("/join/" + link.token, class_name="id cut"),
            rx.el.span(
                rx.cond(link.left_s < 0, t("group.link_for_ever"), t("group.link_ends", wait_s=link.left_s)),
                rx.cond(link.uses_left >= 0, rx.fragment(" · ", t("group.link_left", n=link.uses_left))),
                class_name="dim",
            ),
            class_name="grow",
        ),
        copy_button(link.token),
        rx.el.button(
            icon("trash-2", 16),
            type="button",
            class_name="ib",
            aria_label=t("group.revoke"),
            title=t("group.revoke"),
            on_click=GroupState.revoke_link(GroupState.group.chat_id, link.token),
        ),
        class_name="linkbox",
        key=link.token,
    )
