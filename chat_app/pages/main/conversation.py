"""The right side: the open chat, or what to do while none is open."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from chat_app.components.icons import icon
from chat_app.components.routes import MAIN
from chat_app.components.words import event_words, refusal_words, t
from chat_app.pages.main.attachments import attach_button, attachments, drop_overlay, upload_strip
from chat_app.pages.main.avatar import avatar, titled
from chat_app.pages.main.card_state import CardState
from chat_app.pages.main.chat_menu import menu_button
from chat_app.pages.main.group import group_panel, panel_button
from chat_app.pages.main.listing_state import ListingState, ReadersState
from chat_app.pages.main.live import (
    BOX,
    LOG,
    NAMES,
    PANE,
    Said,
    TimelineRow,
    below,
    call,
    chosen_count,
    head,
    head_status,
    log,
    offline,
    open_chat,
    runs_group,
    sendable,
    settled,
    timeline,
)
from chat_app.pages.main.netbar import netbar
from chat_app.pages.main.search import search_here
from chat_app.pages.main.status import head_line, presence_dot
from chat_app.pages.main.talk import (
    choice_of,
    choosing_bar,
    emoji_button,
    forwarded,
    message_buttons,
    name_list,
    pinned_bar,
    quote,
    reactions,
    target_bar,
)
from chat_app.pages.main.waiting import waiting_conversation

FEW_ROWS = 3
"""Of a group that was only just made: the day, and that it was made."""


def conversation(*, opening: bool) -> rx.Component:
    """Head, messages, and the box to type in; or the empty page. `opening`: a chat is about to be shown."""
    chat = open_chat()
    nobody = rx.cond(settled(), _nobody(), waiting_conversation()) if opening else _nobody()
    return rx.el.main(
        rx.el.section(
            netbar(),
            rx.cond(chat.chat_id != "", rx.fragment(_head(), pinned_bar(), _log(), _composer()), nobody),
            rx.cond(chat.chat_id != "", drop_overlay()),
            class_name="conv",
            id=PANE,
        ),
        group_panel(),
        class_name="pane",
    )


def _head() -> rx.Component:
    chat, now = open_chat(), head()
    title = titled(now["title"])
    return rx.el.header(
        ReactRouterLink.create(icon("arrow-left"), class_name="ib phone-only", to=MAIN, aria_label=t("chat.back")),
        presence_dot(
            avatar(now["hue"], now["initials"], now["picture"], "z40", square=chat.kind != "direct"),
            head_status()["kind"] == "here",
        ),
        rx.el.div(
            rx.el.h1(
                rx.cond(
                    now["username"] != "",
                    rx.el.button(
                        title,
                        type="button",
                        class_name="cut",
                        on_click=CardState.show(chat.person.to(str)),
                        aria_haspopup="dialog",
                    ),
                    title,
                ),
                class_name="cut",
                dir="auto",
            ),
            head_line(
                rx.cond(
                    chat.kind == "group",
                    t("chat.members", n=now["members"]),
                    rx.cond(now["username"] != "", "@" + now["username"], ""),
                )
            ),
            class_name="grow",
        ),
        rx.el.div(
            rx.el.button(
                icon("search"),
                type="button",
                class_name="ib desk-only",
                aria_label=t("search.here"),
                title=t("search.here"),
                aria_haspopup="dialog",
                on_click=search_here(),
            ),
            rx.cond(chat.kind == "group", panel_button(), rx.cond(chat.username != "", _card_button())),
            menu_button(chat.chat_id),
            class_name="acts",
        ),
        class_name="head",
    )


def _card_button() -> rx.Component:
    """Who the other one is."""
    return rx.el.button(
        icon("panel-right"),
        type="button",
        class_name="ib desk-only",
        aria_label=t("chat.profile"),
        title=t("chat.profile"),
        aria_haspopup="dialog",
        on_click=CardState.show(open_chat().person.to(str)),
    )


def _log() -> rx.Component:
    rows = timeline()
    return log(
        rx.el.div(
            rx.cond(
                rows.length() > 0,
                rx.foreach(rows, lambda row: _row(row=row, group=open_chat().kind == "group", key=row["key"])),
                rx.el.p(t("chat.first_word"), class_name="mut none"),
            ),
            _invite(rows),
            class_name="col",
        ),
        role="log",
        aria_live="polite",
        aria_label=t("chat.history"),
        tab_index=0,
    )


def _invite(rows: rx.Var[list[TimelineRow]]) -> rx.Component:
    """In a group in which nothing was said yet: how others come into it."""
    button = rx.el.button(
        icon("link", 16),
        t("group.invite"),
        type="button",
        class_name="btn soft",
        on_click=call("group", "setPanel", "true"),
    )
    return rx.cond(runs_group() & (rows.length() < FEW_ROWS), rx.el.div(button, class_name="invite"))


@rx.memo
def _row(row: rx.Var[TimelineRow], group: rx.Var[bool], rest: rx.RestProp) -> rx.Component:
    return rx.match(
        row["kind"],
        ("day", rx.el.div(row["label"], rest, class_name="date")),
        ("event", _event(row, rest)),
        ("new", rx.el.div(t("chat.new"), rest, class_name="newline", data_kind="new", role="separator")),
        _bubble(row, group, rest),
    )


def _event(row: rx.Var[TimelineRow], rest: rx.RestProp) -> rx.Component:
    words = event_words(event=row["event"], who=row["name"], whom=row["whom"], text=row["text"])
    return rx.el.div(words, rest, class_name="sys", dir="auto", data_seq=row["seq"])


def _bubble(row: rx.Var[TimelineRow], group: rx.Var[bool], rest: rx.RestProp) -> rx.Component:
    side = rx.cond(row["mine"], "grp out", "grp in")
    return rx.el.div(
        rx.cond(group & ~row["mine"], _author_face(row)),
        rx.el.div(
            rx.cond(~group & ~row["mine"] & row["first"] & (row["name"] != ""), rx.el.b(row["name"], class_name="sr")),
            rx.el.div(
                rx.cond(group & ~row["mine"] & row["first"], _author(row)),
                rx.el.div(
                    rx.cond(
                        row["erased"],
                        rx.el.span(t("chat.erased"), class_name="tx mut"),
                        rx.cond(
                            row["collapsed"],
                            _collapsed(row),
                            rx.fragment(
                                forwarded(row),
                                quote(row),
                                attachments(row),
                                rx.cond(
                                    row["text"] != "",
                                    rx.el.span(
                                        Said.create(text=row["text"], parts=row["parts"]),
                                        dir="auto",
                                        class_name=rx.cond(row["big"], "tx big", "tx"),
                                    ),
                                ),
                            ),
                        ),
                    ),
                    rx.cond(row["reactions"].length() > 0, reactions(row, _time(row)), _time(row)),
                    class_name="body",
                ),
                rx.cond((row["seq"] > 0) & ~row["erased"] & ~row["collapsed"], message_buttons(row)),
                class_name=rx.cond(row["status"] == "failed", "b fail", "b")
                + rx.cond(row["pictures"].length() > 0, " pic", "").to(str)
                + rx.cond((row["text"] == "") & (row["files"].length() == 0) & ~row["erased"], " bare", "").to(str),
            ),
            rx.cond(row["status"] == "failed", _failed(row)),
            class_name="st",
        ),
        choice_of(row),
        rest,
        class_name=side
        + rx.cond(row["first"], " first", "").to(str)
        + rx.cond(row["last"], " last", "").to(str)
        + rx.cond(row["erased"], " tombstone", "").to(str)
        + rx.cond(row["choosing"], " choosing", "").to(str),
        data_seq=row["seq"],
    )


def _collapsed(row: rx.Var[TimelineRow]) -> rx.Component:
    return rx.el.span(
        t("blocks.said"),
        " ",
        rx.el.button(
            t("blocks.show"),
            type="button",
            class_name="link",
            on_click=call("timeline", "uncoverMessage", row["chat"], row["seq"]),
        ),
        class_name="tx mut",
    )


def _author_face(row: rx.Var[TimelineRow]) -> rx.Component:
    """Beside the last of what somebody says; the others leave it its place."""
    return rx.cond(
        row["last"], avatar(row["hue"], row["initials"], row["picture"], "z32"), rx.el.span(class_name="av z32 nobody")
    )


def _author(row: rx.Var[TimelineRow]) -> rx.Component:
    return rx.el.b(titled(row["name"]), class_name="nm", dir="auto", style={"--h": row["hue"].to_string()})


def _time(row: rx.Var[TimelineRow]) -> rx.Component:
    edited = rx.cond(row["edited"] & ~row["erased"], rx.fragment(t("talk.edited"), " "))
    return rx.el.span(edited, row["time"], _ticks(row), class_name="m")


def _ticks(row: rx.Var[TimelineRow]) -> rx.Component:
    def tick(name: str, words: str, look: str = "") -> rx.Component:
        return rx.fragment(icon(name, look=look), rx.el.span(t(words), class_name="sr"))

    return rx.match(
        row["status"],
        ("waiting", tick("clock", "chat.is_sending")),
        ("sent", tick("check", "chat.is_sent")),
        (
            "read",
            rx.cond(
                row["seers"],
                rx.el.button(
                    tick("check-check", "chat.is_read", "tk"),
                    type="button",
                    class_name="seers",
                    title=t("readers.show"),
                    on_click=ReadersState.show(row["chat"], row["seq"]),
                ),
                tick("check-check", "chat.is_read", "tk"),
            ),
        ),
        ("failed", tick("circle-alert", "chat.not_sent")),
        rx.fragment(),
    )


def _failed(row: rx.Var[TimelineRow]) -> rx.Component:
    why = rx.fragment(": ", refusal_words(code=row["code"], params=row["params"]))
    return rx.el.div(
        rx.el.span(t("chat.not_sent"), rx.cond(row["code"] != "unsent", why)),
        rx.cond(
            row["code"] != "upload_cut",
            rx.el.button(t("chat.retry"), type="button", on_click=call("outgoing", "retry", row["client_id"])),
        ),
        rx.el.button(t("chat.delete"), type="button", on_click=call("outgoing", "discard", row["client_id"])),
        class_name="failrow",
        role="alert",
    )


def _composer() -> rx.Component:
    chat, choosing = open_chat(), chosen_count() > 0
    unblock = rx.el.div(
        t("blocks.you_blocked"),
        rx.el.button(
            t("listing.unblock"), type="button", class_name="btn s", on_click=ListingState.unblock(chat.person.to(str))
        ),
        class_name="blockbar",
    )
    return rx.el.footer(
        _jump(),
        rx.cond(
            choosing,
            choosing_bar(),
            rx.cond(chat.blocked, unblock, rx.fragment(name_list(), target_bar(), upload_strip())),
        ),
        rx.el.form(
            attach_button(),
            rx.el.textarea(
                id=BOX,
                rows="1",
                placeholder=rx.cond(offline(), t("chat.message_later"), t("chat.message")),
                aria_label=t("chat.message"),
                enter_key_hint="send",
                dir="auto",
                custom_attrs={"aria-autocomplete": "list", "aria-controls": NAMES},
            ),
            emoji_button(),
            rx.el.button(icon("arrow-up"), class_name="send", aria_label=t("chat.send"), type="submit"),
            # not taken away: what listens to the box goes on listening when the block is lifted
            class_name=rx.cond(chat.blocked | choosing, "cin gone", "cin"),
            data_files=sendable().to_string(),
        ),
        class_name="comp",
    )


def _jump() -> rx.Component:
    waiting = below()
    return rx.cond(
        waiting["away"],
        rx.el.button(
            icon("arrow-down"),
            rx.cond(waiting["count"] > 0, rx.el.span(waiting["count"], class_name="pill")),
            class_name="jump",
            type="button",
            aria_label=t("chat.to_last"),
            on_click=call("reading", "toBottom", f'"{LOG}"'),
        ),
    )


def _nobody() -> rx.Component:
    return rx.el.div(
        rx.el.h2(t("main.who")),
        rx.el.p(t("main.who_lead"), class_name="lead"),
        rx.el.div(
            _card("main.find_two", "main.find_two_seats", "main.find_two_about", seats=2, look="fcard pri"),
            _card("main.find_four", "main.find_four_seats", "main.find_four_about", seats=4, look="fcard"),
            class_name="cards",
        ),
        rx.el.p(
            rx.el.span(rx.el.kbd("Ctrl"), " ", rx.el.kbd("K"), " ", t("keys.hint_search")),
            rx.el.span(rx.el.kbd("Alt"), " ", rx.el.kbd("↑"), " ", rx.el.kbd("↓"), " ", t("keys.hint_chats")),
            rx.el.span(rx.el.kbd("Ctrl"), " ", rx.el.kbd("/"), " ", t("keys.hint_all")),
            class_name="keyhints desk-only",
        ),
        class_name="mid",
    )


def _card(words: str, how_many: str, about: str, *, seats: int, look: str) -> rx.Component:
    mine = rx.el.span(class_name="av orb", style={"--h": "240"})
    free = [rx.el.span(icon("plus", 16), class_name="hole") for _ in range(seats - 1)]
    # closed like the buttons of the sidebar, until the anonymous chat opens
    return rx.el.button(
        rx.el.span(mine, *free, class_name="oo", aria_hidden=True),
        rx.el.b(t(words), " ", t(how_many)),
        rx.el.p(t(about)),
        class_name=look,
        type="button",
        disabled=True,
        title=t("main.soon"),
    )
