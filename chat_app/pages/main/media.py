"""Two lists of the open chat, over the page: what was sent in it besides words, and what is pinned."""

from typing import Any, TypedDict

import reflex as rx

from chat_app.components.dialog import dialog
from chat_app.components.icons import icon
from chat_app.components.words import t
from chat_app.pages.main.attachments import download, kind_icon
from chat_app.pages.main.avatar import titled
from chat_app.pages.main.group_state import GroupState
from chat_app.pages.main.live import PinnedRow, call, hooked, open_chat, pins
from chat_app.pages.main.media_state import MediaState
from chat_app.pages.main.talk import in_short


class MediaFile(TypedDict):
    """A file of the chat. Made by `useMedia` in `assets/files.js`."""

    key: str
    name: str
    size: str
    icon: str
    picture: bool
    shown: str
    download: str
    seq: int
    author: str
    day: str


def media_dialog() -> rx.Component:
    """Pictures, then other files, the latest first; each leads to its message. One per page."""
    files = hooked("mediaFiles", "files", "useMedia", MediaState.rows, kind=list[MediaFile])
    older = MediaState.older(MediaState.chat_id, MediaState.rows[-1].attachment_id)
    shown = dialog(
        _close(MediaState.close),
        rx.el.h2(t("media.title"), id="media-title"),
        rx.el.div(
            rx.el.div(rx.foreach(files, lambda file: rx.cond(file["picture"], _picture(file))), class_name="mgrid"),
            rx.el.ul(rx.foreach(files, lambda file: rx.cond(file["picture"], rx.fragment(), _file(file)))),
            rx.cond(files.length() == 0, rx.el.p(t("media.nothing"), class_name="mut none")),
            rx.cond(
                MediaState.more,
                rx.el.button(t("media.older"), type="button", class_name="btn s soft w", on_click=older),
            ),
            class_name="mlist",
        ),
        label_id="media-title",
        class_name="mdlg",
        on_close=MediaState.close,
    )
    return rx.cond((MediaState.chat_id != "") & (MediaState.chat_id == open_chat().chat_id), shown)


def pins_dialog() -> rx.Component:
    """What is pinned, the latest first; each leads to its message. One per page."""
    pinned = pins()

    def row(each: rx.Var[PinnedRow]) -> rx.Component:
        return rx.el.li(
            rx.el.button(
                rx.el.b(titled(each["name"]), class_name="cut", dir="auto"),
                rx.el.span(in_short(each["text"], each["files"]), class_name="cut dim", dir="auto"),
                type="button",
                on_click=[*_lead_to(open_chat().chat_id, each["seq"]), GroupState.close],
            ),
            key=each["seq"],
        )

    shown = dialog(
        _close(GroupState.close),
        rx.el.h2(t("talk.pins"), id="pins-title"),
        rx.cond(
            pinned.length() > 0,
            rx.el.ul(rx.foreach(pinned, row), class_name="pinlist"),
            rx.el.p(t("talk.no_pins"), class_name="mut none"),
        ),
        label_id="pins-title",
        class_name="mdlg",
        on_close=GroupState.close,
    )
    return rx.cond((GroupState.dialog == "pins") & (GroupState.group.chat_id == open_chat().chat_id), shown)


def _close(action: Any) -> rx.Component:
    return rx.el.button(icon("x"), type="button", class_name="ib x", aria_label=t("notice.close"), on_click=action)


def _lead_to(chat_id: rx.Var[str], seq: rx.Var[int]) -> list[Any]:
    return [call("group", "uncover"), call("reading", "jumpTo", chat_id, seq)]


def _picture(file: rx.Var[MediaFile]) -> rx.Component:
    return rx.el.button(
        rx.cond(file["shown"] != "", rx.el.img(src=file["shown"], alt="", loading="lazy", draggable=False)),
        type="button",
        title=file["day"],
        aria_label=t("media.to_message", name=file["name"], who=titled(file["author"]), day=file["day"]),
        on_click=[*_lead_to(MediaState.chat_id, file["seq"]), MediaState.close],
        key=file["key"],
    )


def _file(file: rx.Var[MediaFile]) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            rx.el.span(kind_icon(file["icon"]), class_name="fk"),
            rx.el.span(
                rx.el.bdi(file["name"], class_name="cut", dir="auto"),
                rx.el.span(file["size"], " · ", file["day"], class_name="sz"),
                class_name="fn",
            ),
            type="button",
            class_name="file",
            aria_label=t("media.to_message", name=file["name"], who=titled(file["author"]), day=file["day"]),
            on_click=[*_lead_to(MediaState.chat_id, file["seq"]), MediaState.close],
        ),
        download(
            file["download"],
            icon("download", 18),
            class_name="ib",
            aria_label=t("files.download", name=file["name"]),
        ),
        key=file["key"],
    )
