"""Who is here and who types: under the name of the open chat, and in the list."""

import reflex as rx

from chat_app.components.words import t
from chat_app.pages.main.live import ChatListRow, HeadStatus, SeenStatus, head_status, open_chat


def head_line(otherwise: rx.Component) -> rx.Component:
    """What stands under the name of the open chat; `otherwise` where nothing is known of who is here."""
    status = head_status()
    named = open_chat().kind != "direct"
    return rx.el.div(
        rx.cond(
            status["typing"] > 0,
            typing(status["typing"], rx.cond(named, status["names"], "").to(str)),
            seen_line(status, rx.fragment(otherwise, rx.cond(named, here_of_group()))),
        ),
        class_name="sub cut",
    )


def seen_line(status: rx.Var[HeadStatus] | rx.Var[SeenStatus], otherwise: rx.Component | rx.Var[str]) -> rx.Component:
    """When somebody was last here; `otherwise` where nothing is known of it."""
    return rx.match(
        status["kind"],
        ("here", rx.el.span(t("status.here"), class_name="herenow")),
        ("just", rx.fragment(t("status.just"))),
        ("ago", rx.fragment(t("status.ago", ago_s=status["ago_s"]))),
        ("today", rx.fragment(t("status.today", time=status["time"]))),
        ("yesterday", rx.fragment(t("status.yesterday", time=status["time"]))),
        ("day", rx.fragment(t("status.day", time=status["time"]))),
        rx.fragment(otherwise),
    )


def here_of_group() -> rx.Component:
    """How many of the open group's others are here, after a comma; nothing for none."""
    count = head_status()["count"]
    return rx.cond(count > 0, rx.fragment(", ", t("status.here_of_group", n=count)))


def typing(count: rx.Var[int], names: rx.Var[str]) -> rx.Component:
    """Somebody types; in a group, who."""
    named = rx.cond(count > 1, t("status.typing_many", who=names), t("status.typing_one", who=names))
    words = rx.cond(names != "", named, t("status.typing"))
    dots = rx.el.span(rx.el.b(), rx.el.b(), rx.el.b(), class_name="tdots", aria_hidden=True)
    return rx.el.span(rx.el.span(words, class_name="cut", dir="auto"), dots, class_name="typing")


def presence_dot(avatar: rx.Component, here: rx.Var[bool]) -> rx.Component:
    """An avatar with a green dot while its person is here."""
    return rx.el.span(
        avatar,
        rx.cond(here, rx.el.span(t("status.here"), class_name="sr")),
        class_name=rx.cond(here, "dotted on", "dotted"),
    )


def row_typing(row: rx.Var[ChatListRow]) -> rx.Component:
    """The same in a row of the list."""
    return typing(row["typing"], rx.cond(row["kind"] == "direct", "", row["typists"]).to(str))
