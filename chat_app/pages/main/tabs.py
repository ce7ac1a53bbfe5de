"""Above the list of chats: all of them, direct ones, groups; each with how many have something to read."""

import reflex as rx

from chat_app.components.words import t
from chat_app.pages.main.live import ChatListRow, call, hooked

TABS = ("all", "direct", "groups")


def list_tabs(rows: rx.Var[list[ChatListRow]]) -> rx.Component:
    """The tabs; `chosen_of` has what the chosen one shows."""
    chosen = hooked("chosenTab", "tabs", "useTab", kind=str)
    counts = hooked("tabCounts", "tabs", "useCounts", rows, kind=dict[str, int])
    tabs = (_tab(name, chosen, counts[name]) for name in TABS)
    return rx.el.div(*tabs, class_name="tabs", role="group", aria_label=t("main.chats"))


def chosen_of(rows: rx.Var[list[ChatListRow]]) -> rx.Var[list[ChatListRow]]:
    """Those rows that the chosen tab shows."""
    return hooked("chosenRows", "tabs", "useInTab", rows, kind=list[ChatListRow])


def _tab(name: str, chosen: rx.Var[str], count: rx.Var[int]) -> rx.Component:
    return rx.el.button(
        t(f"main.{name}"),
        rx.cond(count > 0, rx.el.sup(count, aria_label=t("main.unread_chats", n=count))),
        type="button",
        class_name=rx.cond(chosen == name, "on", ""),
        aria_pressed=rx.cond(chosen == name, "true", "false"),
        on_click=call("tabs", "chooseTab", f'"{name}"'),
    )
