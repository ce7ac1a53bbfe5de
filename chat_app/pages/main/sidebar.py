"""The left column: who I am, finding people, my chats."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from chat_app.components.icons import icon
from chat_app.components.words import event_words, t
from chat_app.pages.main.avatar import avatar, titled
from chat_app.pages.main.chat_menu import menu_button
from chat_app.pages.main.live import ChatListRow, archive, call, chat_list, kept, settled
from chat_app.pages.main.menu import menu
from chat_app.pages.main.new_group import new_group_button, new_group_dialog
from chat_app.pages.main.new_group_state import NewGroupState
from chat_app.pages.main.state import MainState
from chat_app.pages.main.status import presence_dot, row_typing
from chat_app.pages.main.tabs import chosen_of, list_tabs
from chat_app.pages.main.waiting import waiting_chats


def sidebar() -> rx.Component:
    """The list of chats, and the way to find others."""
    return rx.el.aside(
        _me(),
        _find_buttons(),
        _search(),
        _chats(),
        new_group_dialog(),
        class_name="side",
    )


def _me() -> rx.Component:
    me = kept("me", MainState.me)
    return rx.el.div(
        rx.el.span(class_name="av orb z28", style={"--h": "240"}, aria_hidden=True),
        rx.el.div(t("main.user"), " ", rx.el.span(me.public_id, class_name="id"), class_name="grow who cut"),
        new_group_button(),
        menu(),
        class_name="me",
    )


def _find_buttons() -> rx.Component:
    # closed until the anonymous chat opens: disabled and saying so, because the place is theirs from the first day
    return rx.el.div(
        _find("main.find_two", "main.find_two_seats", seats=2, look="fbtn pri"),
        _find("main.find_four", "main.find_four_seats", seats=4, look="fbtn"),
        class_name="find dock",
    )


def _find(words: str, how_many: str, *, seats: int, look: str) -> rx.Component:
    return rx.el.button(
        rx.el.i(*(rx.el.b() for _ in range(seats)), class_name="seats", aria_hidden=True),
        rx.el.div(t(words), " ", rx.el.span(t(how_many))),
        class_name=look,
        disabled=True,
        title=t("main.soon"),
        type="button",
    )


def _search() -> rx.Component:
    return rx.el.button(
        icon("search", 16),
        rx.el.span(t("main.search")),
        rx.el.kbd("Ctrl K", class_name="desk-only", aria_hidden=True),
        id="find",
        type="button",
        class_name="sbox go",
        aria_haspopup="dialog",
        on_click=call("search", "openSearch"),
    )


def _chats() -> rx.Component:
    rows = chat_list()
    chosen = chosen_of(rows)
    return rx.fragment(
        list_tabs(rows),
        rx.el.nav(
            _archive(),
            rx.cond(
                rows.length() > 0,
                rx.cond(
                    chosen.length() > 0,
                    rx.foreach(chosen, lambda row: _chat(row=row, key=row["key"])),
                    rx.el.p(t("main.none_here"), class_name="mut none"),
                ),
                rx.cond(settled(), _no_chats(), waiting_chats()),
            ),
            class_name="list",
            aria_label=t("main.chats"),
        ),
    )


def _archive() -> rx.Component:
    """The chats that were put away: a row on top that opens them, and closes them again."""
    shelf = archive()
    return rx.cond(
        shelf["count"] > 0,
        rx.el.button(
            rx.cond(shelf["open"], icon("arrow-left", 18), icon("archive", 18)),
            rx.cond(shelf["open"], t("listing.back"), t("listing.archived", n=shelf["count"])),
            type="button",
            class_name="shelf",
            aria_expanded=rx.cond(shelf["open"], "true", "false"),
            on_click=call("listing", "turnShelf"),
        ),
    )


@rx.memo
def _chat(row: rx.Var[ChatListRow], rest: rx.RestProp) -> rx.Component:
    link = ReactRouterLink.create(
        presence_dot(avatar(row["hue"], row["initials"], row["picture"], square=row["kind"] != "direct"), row["here"]),
        rx.el.div(
            rx.el.div(
                rx.el.b(titled(row["title"]), class_name="cut", dir="auto"),
                rx.cond(row["muted"], rx.fragment(icon("bell-off"), rx.el.span(t("listing.muted"), class_name="sr"))),
                rx.el.time(row["time"]),
                class_name="l1",
            ),
            rx.el.div(
                rx.el.span(rx.cond(row["typing"] > 0, row_typing(row), _preview(row)), class_name="cut", dir="auto"),
                _status(row),
                rx.cond(row["pinned"], rx.fragment(icon("pin"), rx.el.span(t("listing.pinned"), class_name="sr"))),
                class_name="l2",
            ),
            class_name="grow",
        ),
        class_name=rx.cond(row["open"], "chat on", "chat"),
        aria_current=rx.cond(row["open"], "page", "false"),
        data_unread=rx.cond(row["unread"] > 0, "true", "false"),
        to="/chat/" + row["chat_id"],
    )
    return rx.el.div(link, menu_button(row["chat_id"], "ib more"), rest, class_name="crow", data_chat=row["chat_id"])


def _preview(row: rx.Var[ChatListRow]) -> rx.Component:
    return rx.cond(
        row["draft"] != "",
        rx.fragment(rx.el.span(t("chat.draft"), ":", class_name="draft"), " ", row["draft"]),
        rx.cond(
            row["event"] != "",
            event_words(event=row["event"], who=row["who"], whom=row["whom"], text=row["preview"]),
            _said(row),
        ),
    )


def _said(row: rx.Var[ChatListRow]) -> rx.Component:
    return rx.fragment(
        rx.cond(row["sender"] != "", rx.fragment(rx.el.em(row["sender"], ":"), " "), rx.fragment()),
        rx.match(
            row["files"],
            ("photo", icon("image", 16, "fi")),
            ("file", icon("file", 16, "fi")),
            rx.fragment(),
        ),
        rx.cond(
            row["preview"] != "",
            row["preview"],
            rx.match(row["files"], ("photo", t("files.photo")), ("file", t("files.file")), t("chat.erased")),
        ),
    )


def _status(row: rx.Var[ChatListRow]) -> rx.Component:
    return rx.cond(
        row["unread"] > 0,
        rx.fragment(
            rx.cond(row["named"], rx.el.span("@", class_name="pill", aria_label=t("listing.named"), role="img")),
            rx.el.span(
                rx.cond(row["unread"] > 99, "99+", row["unread"].to_string()),
                class_name=rx.cond(row["muted"], "pill q", "pill"),
                aria_label=t("chat.unread", n=row["unread"]),
                role="img",
            ),
        ),
        rx.match(
            row["status"],
            ("read", rx.fragment(icon("check-check", look="tk"), rx.el.span(t("chat.is_read"), class_name="sr"))),
            ("sent", rx.fragment(icon("check"), rx.el.span(t("chat.is_sent"), class_name="sr"))),
            rx.fragment(),
        ),
    )


def _no_chats() -> rx.Component:
    return rx.el.div(
        rx.el.span(icon("message-circle", 24), class_name="blank", aria_hidden=True),
        rx.el.b(t("main.no_chats")),
        rx.el.p(t("main.no_chats_lead")),
        rx.el.button(
            icon("user-plus", 18),
            t("main.find_people"),
            type="button",
            class_name="btn soft",
            aria_haspopup="dialog",
            on_click=call("search", "openSearch"),
        ),
        rx.el.button(
            icon("users", 18),
            t("group.create"),
            type="button",
            class_name="btn ghost",
            aria_haspopup="dialog",
            on_click=NewGroupState.start,
        ),
        class_name="nochats",
    )
