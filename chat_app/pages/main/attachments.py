"""Files of messages on screen: in bubbles, above the box while they go up, and one picture large."""

from typing import Any

import reflex as rx

from chat_app.components.dialog import dialog
from chat_app.components.icons import icon
from chat_app.components.words import refusal_words, t
from chat_app.pages.main.live import (
    PICKER,
    Picking,
    Picture,
    TimelineRow,
    Upload,
    call,
    upload_note,
    uploads,
    viewer,
)


def attachments(row: rx.Var[TimelineRow]) -> rx.Component:
    """What a message has besides its words: its pictures, then its other files."""
    pictures, files = row["pictures"].to(list[Picture]), row["files"].to(list[Picture])
    return rx.fragment(
        rx.cond(
            pictures.length() > 0,
            rx.el.div(
                rx.foreach(pictures, lambda picture, at: _picture(picture, at, pictures)),
                class_name="pics",
                data_n=pictures.length().to_string(),
                style={"--wide": row["wide"].to_string() + "px", "--ratio": row["ratio"]},
            ),
        ),
        rx.foreach(files, _file),
    )


def _picture(picture: rx.Var[Picture], at: rx.Var[int], pictures: rx.Var[list[Picture]]) -> rx.Component:
    return rx.el.button(
        # an address that is not known yet is none: an empty one would ask for the page itself
        rx.cond(
            picture["shown"] != "",
            rx.el.img(src=picture["shown"], alt=picture["name"], loading="lazy", decoding="async", draggable=False),
        ),
        rx.cond(picture["going"], _ring(picture["progress"], picture["name"])),
        type="button",
        class_name="pic1",
        key=picture["key"],
        aria_label=t("files.open", name=picture["name"]),
        aria_haspopup="dialog",
        disabled=picture["going"],
        on_click=call("viewer", "openViewer", pictures, at),
    )


def _file(file: rx.Var[Picture]) -> rx.Component:
    return download(
        file["download"],
        rx.el.span(
            rx.cond(file["going"], _ring(file["progress"], file["name"]), kind_icon(file["icon"])),
            class_name="fk",
        ),
        rx.el.span(
            rx.el.bdi(file["name"], class_name="cut", dir="auto"),
            rx.el.span(file["size"], class_name="sz"),
            class_name="fn",
        ),
        rx.cond(~file["going"], icon("download", 18, "dl")),
        class_name="file",
        key=file["key"],
        aria_label=t("files.download", name=file["name"]),
    )


def download(address: rx.Var[str], *children: rx.Component, **props: Any) -> rx.Component:
    """A link to what is no page: as an ordinary property, its address would be looked for among the pages."""
    known = rx.cond(address != "", address, rx.Var("undefined"))
    return rx.el.A.create(*children, custom_attrs={"href": known, "download": True}, **props)


def kind_icon(name: rx.Var[str]) -> rx.Component:
    """What a file looks like that is no picture."""
    return rx.el.i(class_name="i i-" + name, aria_hidden="true")


def _ring(progress: rx.Var[int], name: rx.Var[str]) -> rx.Component:
    return rx.el.span(
        class_name="ring",
        style={"--p": progress.to_string()},
        role="progressbar",
        aria_valuenow=progress,
        aria_valuemin=0,
        aria_valuemax=100,
        aria_label=t("files.uploading", name=name),
    )


def attach_button() -> rx.Component:
    """Chooses files. The input itself is there for the keyboard, and its label is what is seen."""
    return rx.el.label(
        rx.el.input(id=PICKER, type="file", multiple=True, class_name="sr", aria_label=t("files.attach")),
        icon("paperclip"),
        class_name="ib attach",
        title=t("files.attach"),
    )


def upload_strip() -> rx.Component:
    """What waits to be sent, above the box."""
    waiting, note = uploads(), upload_note()
    return Picking.create(
        rx.cond(
            waiting.length() > 0,
            rx.el.ul(rx.foreach(waiting, _upload), class_name="ups", aria_label=t("files.waiting")),
        ),
        rx.el.p(
            rx.cond(note != "", refusal_words(code=note, params={"most": MOST_FILES})),
            class_name="upnote",
            role="status",
        ),
        class_name="strip",
    )


MOST_FILES = 10
"""As `domain/messages/rules.py` and `assets/uploads.js` have it."""


def _upload(upload: rx.Var[Upload]) -> rx.Component:
    failed = upload["state"] == "failed"
    return rx.el.li(
        rx.cond(
            upload["shown"] != "",
            rx.el.img(src=upload["shown"], alt="", class_name="ut"),
            rx.el.span(kind_icon(upload["icon"]), class_name="ut"),
        ),
        rx.el.span(
            rx.el.bdi(upload["name"], class_name="cut", dir="auto"),
            rx.cond(
                failed,
                rx.el.span(refusal_words(code=upload["code"], params=upload["params"]), class_name="bad", role="alert"),
                rx.el.span(upload["size"], class_name="sz"),
            ),
            class_name="fn",
        ),
        rx.match(
            upload["state"],
            ("done", rx.fragment(icon("circle-check", 18, "up"), rx.el.span(t("files.done"), class_name="sr"))),
            (
                "failed",
                rx.cond(
                    upload["hopeless"],
                    rx.fragment(),
                    rx.el.button(
                        icon("rotate-cw", 16),
                        type="button",
                        class_name="ib",
                        aria_label=t("files.again", name=upload["name"]),
                        on_click=call("uploads", "again", upload["key"]),
                    ),
                ),
            ),
            _ring(upload["progress"], upload["name"]),
        ),
        rx.el.button(
            icon("x", 16),
            type="button",
            class_name="ib",
            aria_label=t("files.remove", name=upload["name"]),
            on_click=call("uploads", "remove", upload["key"]),
        ),
        class_name=rx.cond(failed, "upl fail", "upl"),
        key=upload["key"],
    )


def drop_overlay() -> rx.Component:
    """Lies over the conversation while files are held above it."""
    return rx.el.div(
        rx.el.div(icon("paperclip", 24), rx.el.b(t("files.drop")), class_name="in"), class_name="drop", aria_hidden=True
    )


def picture_viewer() -> rx.Component:
    """The dialog with one picture; one for each page."""
    shown = viewer()
    several = shown["of"] > 1

    def turn(by: int, name: str, words: str) -> rx.Component:
        return rx.cond(
            several,
            rx.el.button(
                icon(name, 24),
                type="button",
                class_name=f"ib turn {name}",
                aria_label=t(words),
                on_click=call("viewer", "step", str(by)),
            ),
        )

    close: Any = call("viewer", "closeViewer")
    return rx.cond(
        shown["open"],
        dialog(
            rx.el.header(
                rx.el.h2(rx.el.bdi(shown["name"], dir="auto"), id="viewer-name", class_name="cut"),
                rx.el.span(
                    rx.cond(several, rx.fragment(t("files.of", at=shown["at"], of=shown["of"]), " · ")),
                    shown["size"],
                    class_name="sz",
                ),
                rx.cond(
                    shown["download"] != "",
                    download(
                        shown["download"],
                        icon("download"),
                        class_name="ib",
                        aria_label=t("files.download", name=shown["name"]),
                    ),
                ),
                rx.el.button(icon("x"), type="button", class_name="ib", aria_label=t("files.close"), on_click=close),
            ),
            rx.el.div(
                turn(-1, "chevron-left", "files.previous"),
                rx.el.img(src=shown["whole"], alt=shown["name"], key=shown["whole"]),
                turn(1, "chevron-right", "files.next"),
                class_name="stage",
            ),
            label_id="viewer-name",
            class_name="viewer",
            on_close=close,
        ),
    )
