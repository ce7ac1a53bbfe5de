"""The page of a link into a group."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from chat_app.components.icons import icon
from chat_app.components.layout import logo
from chat_app.components.notices import notices
from chat_app.components.routes import MAIN
from chat_app.components.words import t
from chat_app.pages.join.state import JoinState
from chat_app.pages.main.avatar import avatar
from chat_app.pages.main.verify import verify_dialog
from chat_app.pages.main.verify_state import VerifyState


def join_page() -> rx.Component:
    """What the link leads to, and a button; or that it leads nowhere."""
    return rx.fragment(
        rx.el.main(
            logo(),
            rx.match(
                JoinState.step,
                ("open", _open()),
                ("closed", _closed()),
                rx.el.p(t("main.loading"), class_name="sr", role="status"),
            ),
            class_name="join",
        ),
        verify_dialog(),
        # what was closed is open from this moment
        rx.cond(VerifyState.step == "done", rx.el.div(on_mount=JoinState.on_load, hidden=True)),
        notices(),
    )


def _open() -> rx.Component:
    group, face = JoinState.invited, JoinState.face
    return rx.el.section(
        avatar(face.hue, face.initials, face.picture, "z88", square=True),
        rx.el.h1(group.title, dir="auto"),
        rx.el.p(t("chat.members", n=group.members), class_name="mut"),
        rx.cond(group.description != "", rx.el.p(group.description, class_name="gdesc", dir="auto")),
        rx.el.button(
            t("join.submit"), type="button", class_name="btn l pri w", on_click=JoinState.join(JoinState.link)
        ),
        ReactRouterLink.create(t("join.not_now"), to=MAIN, class_name="btn ghost w"),
        class_name="jcard",
    )


def _closed() -> rx.Component:
    return rx.el.section(
        rx.el.span(icon("link", 24), class_name="blank", aria_hidden=True),
        rx.el.h1(t("join.closed")),
        rx.el.p(t("join.closed_lead"), class_name="mut"),
        ReactRouterLink.create(t("join.to_chats"), to=MAIN, class_name="btn l pri w"),
        class_name="jcard",
    )
