"""The search: a dialog over the page, on phones all of the screen. Its keys are those of a list under a box."""

from collections.abc import Sequence
from typing import Any

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from chat_app.components.dialog import dialog
from chat_app.components.icons import icon
from chat_app.components.words import t
from chat_app.domain.common.finding import Part
from chat_app.pages.main.avatar import avatar, titled
from chat_app.pages.main.live import SEARCH, call, here_now, open_chat, search_open
from chat_app.pages.main.search_state import ChatHit, MessageHit, PersonHit, SearchState
from chat_app.pages.main.state import PeopleState
from chat_app.pages.main.status import presence_dot

FOUND = "found"
"""The id of the list of what was found."""

SECTIONS = ("all", "chats", "people", "messages", "here")


def search_here() -> list[Any]:
    """Opens the search for what was said in the open chat."""
    return [call("search", "openSearch"), SearchState.turn("here")]


class Day(rx.Component):
    """The day of a moment, in the reader's language."""

    library = "$/public/search"
    tag = "Day"

    at: rx.Var[int]


def search_dialog() -> rx.Component:
    """Shown while it is open."""
    close = [call("search", "closeSearch"), SearchState.clear]
    shown = dialog(
        rx.el.h2(t("main.search"), id="search-title", class_name="sr"),
        rx.el.div(
            icon("search"),
            rx.el.input(
                id=SEARCH,
                # no search field: the first Escape would empty it, not close the dialog
                type="text",
                placeholder=t("search.lead"),
                aria_label=t("main.search"),
                auto_complete="off",
                max_length=200,
                enter_key_hint="search",
                on_change=SearchState.find.debounce(200),
                role="combobox",
                aria_expanded="true",
                aria_controls=FOUND,
                custom_attrs={"aria-autocomplete": "list"},
            ),
            rx.el.button(
                icon("x"), type="button", class_name="ib phone-only", aria_label=t("notice.close"), on_click=close
            ),
            rx.el.kbd("Esc", class_name="desk-only", aria_hidden=True),
            class_name="pin",
        ),
        rx.el.div(*map(_section, SECTIONS), class_name="pch", role="group", aria_label=t("search.sections")),
        rx.el.div(
            _group("chats", SearchState.chats, _chat),
            _group("people", SearchState.people, _person),
            _group("messages", SearchState.messages, _message),
            id=FOUND,
            role="listbox",
            aria_label=t("search.found"),
            class_name="plist",
        ),
        rx.cond(
            SearchState.more,
            rx.el.button(t("search.more"), type="button", class_name="btn soft pmore", on_click=SearchState.go_on),
        ),
        rx.el.div(_status(), role="status", class_name="pnone"),
        _foot(),
        label_id="search-title",
        class_name="pal",
        on_close=close,
    )
    return rx.cond(search_open(), shown)


def _section(name: str) -> rx.Component:
    chosen = SearchState.section == name
    counted = name not in {"all", "here"}
    count: Any = rx.el.span(" ", getattr(SearchState.counts, name)) if counted else ""
    shown = rx.el.button(
        t(f"search.{name}"),
        count,
        type="button",
        class_name=rx.cond(chosen, "on", ""),
        aria_pressed=rx.cond(chosen, "true", "false"),
        on_click=SearchState.turn(name),
    )
    return rx.cond(open_chat().chat_id != "", shown) if name == "here" else shown


def _group(name: str, hits: rx.Var[list[Any]], row: Any) -> rx.Component:
    title = f"found-{name}"
    return rx.cond(
        hits,
        rx.el.div(rx.el.h3(t(f"search.{name}"), id=title), rx.foreach(hits, row), role="group", aria_labelledby=title),
    )


def _chat(hit: rx.Var[ChatHit]) -> rx.Component:
    return _link(
        "/chat/" + hit.chat_id,
        avatar(hit.face.hue, hit.face.initials, hit.face.picture, "z36", square=~hit.direct),
        _parts(hit.parts),
        rx.cond(hit.direct, rx.fragment("@", _parts(hit.username)), t("chat.members", n=hit.members)),
        key=hit.chat_id,
    )


def _person(hit: rx.Var[PersonHit]) -> rx.Component:
    # of whom nothing is on screen, nothing is known
    here = here_now()[hit.user_id]
    now = rx.cond(here, rx.fragment(" · ", t("status.here")), "")
    return rx.el.button(
        *_row(
            presence_dot(avatar(hit.face.hue, hit.face.initials, hit.face.picture, "z36"), here),
            _parts(hit.parts),
            rx.fragment("@", _parts(hit.username), rx.cond(hit.together, now, rx.fragment(" · ", t("search.apart")))),
        ),
        **_option(hit.user_id),
        type="button",
        on_click=[PeopleState.write_to(hit.user_id), call("search", "closeSearch"), SearchState.clear],
    )


def _message(hit: rx.Var[MessageHit]) -> rx.Component:
    title = titled(hit.title)
    where = rx.cond(
        hit.direct,
        rx.cond(hit.mine, t("search.you_to", title=title), title),
        rx.cond(
            hit.mine,
            t("search.you_in", title=title),
            t("search.name_in", name=rx.cond(hit.name != "", hit.name, t("chat.deleted_account")), title=title),
        ),
    )
    return _link(
        hit.path,
        avatar(hit.face.hue, hit.face.initials, hit.face.picture, "z36", square=~hit.direct),
        where,
        _parts(hit.parts),
        rx.el.time(Day.create(at=hit.at)),
        key=hit.key,
        then=[SearchState.lead(hit.chat_id, hit.seq)],
    )


def _link(to: Any, *parts: Any, key: Any, then: Sequence[Any] = ()) -> rx.Component:
    clicked = [call("search", "closeSearch"), *then, SearchState.clear]
    return ReactRouterLink.create(*_row(*parts), **_option(key), to=to, on_click=clicked)


def _row(face: rx.Component, title: Any, below: Any, *after: rx.Component) -> list[rx.Component]:
    return [
        face,
        rx.el.div(
            rx.el.div(title, class_name="cut st1", dir="auto"),
            rx.el.div(below, class_name="cut st2", dir="auto"),
            class_name="grow",
        ),
        *after,
        icon("corner-down-left", 16),
    ]


def _option(key: Any) -> dict[str, Any]:
    # which is chosen, assets/search.js says; the box keeps the focus
    return {"role": "option", "key": key, "id": f"hit-{key}", "class_name": "hit", "tab_index": -1}


def _parts(parts: rx.Var[list[Part]]) -> rx.Component:
    return rx.foreach(parts, lambda part: rx.cond(part.hit, rx.el.mark(part.text), part.text))


def _status() -> rx.Component:
    shown = SearchState.chats.length() + SearchState.people.length() + SearchState.messages.length()
    return rx.cond(
        SearchState.text == "",
        t("search.hint"),
        rx.cond(shown > 0, _total(look="sr"), t("search.nothing", text=SearchState.text)),
    )


def _total(look: str) -> rx.Component:
    count = t("search.total", n=SearchState.counts.all)
    over = t("search.total_more", n=SearchState.counts.all)
    return rx.el.span(rx.cond(SearchState.counts.more, over, count), class_name=look)


def _foot() -> rx.Component:
    return rx.el.footer(
        rx.el.span(rx.el.kbd("↑"), " ", rx.el.kbd("↓"), " ", t("search.choose")),
        rx.el.span(rx.el.kbd("Enter"), " ", t("search.open")),
        rx.el.span(rx.el.kbd("Tab"), " ", t("search.section")),
        rx.cond(SearchState.counts.all > 0, _total(look="num all")),
        class_name="pfoot desk-only",
        aria_hidden=True,
    )
