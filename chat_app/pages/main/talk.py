"""What opens over the conversation: the menu of a message, emoji, the questions before erasing and forwarding; and what
says that a message is pinned, answered or being changed.
"""

from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.utils.imports import ImportVar

from chat_app.components.dialog import dialog
from chat_app.components.icons import icon
from chat_app.components.words import t
from chat_app.domain.chats.tables import DIRECT
from chat_app.domain.messages.rules import MOST_FORWARDED
from chat_app.pages.main.avatar import avatar, titled
from chat_app.pages.main.live import (
    BOX,
    NAMES,
    ChatListRow,
    Pill,
    TimelineRow,
    call,
    choices,
    chosen_count,
    message_menu,
    on,
    open_chat,
    pin,
    runs_group,
    target,
)
from chat_app.pages.main.talk_state import Suggestion, TalkState

POPUP = "popup"
"""The id of the open menu."""

QUICK = ("👍", "❤️", "😂", "😮", "😢", "🙏")
EMOJI = (
    *("👍", "👎", "❤️", "🔥", "🎉", "😂", "😮", "😢", "😡", "🙏", "👏", "💯", "🤝", "👌"),
    *("😀", "😁", "😅", "🤣", "😊", "😉", "😍", "😘", "😎", "🤔", "🤨", "😐", "🙄", "😴"),
    *("🥳", "🤩", "😭", "😱", "🤯", "😤", "🥺", "🤗", "🫡", "🤷", "🤦", "🙈", "👀", "💪"),
    *("✌️", "🤞", "👋", "🙌", "💔", "✨", "⭐", "⚡", "✅", "❌", "❓", "❗", "☕", "🍰"),
    *("🎂", "🍻", "🌹", "☀️", "🌙", "❄️", "🐱", "🐶", "🚀", "🏆", "🎁", "🎶", "💡", "📌"),
)
"""Those people use most; a keyboard has the others."""


def message_buttons(row: rx.Var[TimelineRow]) -> rx.Component:
    """Beside a message, for a mouse; the last one for a keyboard as well."""

    def button(name: str, words: str, **attributes: Any) -> rx.Component:
        return rx.el.button(
            icon(name, 18), type="button", class_name="ib", aria_label=t(words), title=t(words), **attributes
        )

    return rx.el.span(
        button("smile", "talk.react", tab_index=-1, custom_attrs={"onClick": on("menu", "openMenu", row, "true")}),
        button("reply", "talk.reply", tab_index=-1, on_click=call("talk", "answer", row)),
        button("ellipsis", "talk.more", aria_haspopup="menu", custom_attrs={"onClick": on("menu", "openMenu", row)}),
        class_name="hov",
    )


def quote(row: rx.Var[TimelineRow]) -> rx.Component:
    """The message that this one answers; a click leads there."""
    words = rx.cond(row["quoted_erased"], t("chat.erased"), in_short(row["quoted_text"], row["quoted_files"]))
    photo = rx.el.img(src=row["quoted_photo"], alt="", width=36, height=36, loading="lazy", decoding="async")
    shown = rx.el.button(
        rx.cond(row["quoted_photo"] != "", photo),
        rx.el.b(titled(row["quoted_name"]), class_name="cut"),
        rx.el.span(words, class_name="cut", dir="auto"),
        type="button",
        class_name="qt",
        aria_label=t("talk.to_quote", name=titled(row["quoted_name"])),
        on_click=call("reading", "jumpTo", row["chat"], row["quoted"]),
    )
    return rx.cond(row["quoted"] > 0, shown)


def in_short(text: rx.Var[str], files: rx.Var[str]) -> rx.Var[str]:
    """A message in one line: its words, else what is attached."""
    attached = rx.match(files, ("photo", t("files.photo")), ("file", t("files.file")), "…")
    return rx.cond(text != "", text, attached).to(str)


def forwarded(row: rx.Var[TimelineRow]) -> rx.Component:
    """Whose words these were."""
    return rx.cond(
        row["forwarded"],
        rx.el.span(
            icon("forward", 14),
            rx.el.span(t("talk.forwarded_from"), " ", rx.el.b(titled(row["forwarded_from"]))),
            class_name="fwd",
        ),
    )


def reactions(row: rx.Var[TimelineRow], time: rx.Component) -> rx.Component:
    """What was given under a message; a click gives the same or takes it back. The time stands at its end."""

    def pill(each: rx.Var[Pill]) -> rx.Component:
        names = rx.cond(each["more"] > 0, t("talk.and_more", names=each["names"], n=each["more"]), each["names"])
        return rx.el.button(
            rx.el.span(each["emoji"], aria_hidden=True),
            each["count"],
            key=each["emoji"],
            type="button",
            title=names,
            aria_label=t("talk.reacted", emoji=each["emoji"], names=names),
            aria_pressed=rx.cond(each["mine"], "true", "false"),
            on_click=TalkState.react(row["chat"], row["seq"], each["emoji"], ~each["mine"]),
        )

    return rx.el.span(rx.foreach(row["reactions"].to(list[Pill]), pill), time, class_name="rx")


def pinned_bar() -> rx.Component:
    """Under the head: the pinned messages, one at a time. A click leads there, and to the one before."""
    shown, chat = pin(), open_chat()
    number = rx.cond(shown["count"] > 1, rx.fragment(" ", shown["at"], "/", shown["count"]))
    bar = rx.el.div(
        rx.el.button(
            rx.el.b(t("talk.pinned"), number),
            rx.el.span(in_short(shown["text"], shown["files"]), class_name="cut", dir="auto"),
            type="button",
            on_click=[call("reading", "jumpTo", chat.chat_id, shown["seq"]), call("timeline", "nextPin", chat.chat_id)],
        ),
        class_name="pinbar",
    )
    return rx.cond(shown["count"] > 0, bar)


def target_bar() -> rx.Component:
    """Above the box: which message is being answered or changed."""
    now = target()
    bar = rx.el.div(
        rx.cond(now["mode"] == "edit", icon("pencil", 18), icon("reply", 18)),
        rx.el.div(
            rx.el.b(
                rx.cond(now["mode"] == "edit", t("talk.editing"), t("talk.replying", name=now["name"])),
                class_name="cut",
            ),
            rx.el.span(in_short(now["text"], now["files"]), class_name="cut", dir="auto"),
            class_name="grow",
        ),
        rx.el.button(
            icon("x", 18), type="button", class_name="ib", aria_label=t("talk.cancel"), on_click=call("talk", "cancel")
        ),
        class_name="target",
        role="status",
    )
    return rx.cond(now["mode"] != "", bar)


def choosing_bar() -> rx.Component:
    """In the place of the box, while messages are chosen: how many, and what becomes of them."""
    count = chosen_count()
    bar = rx.el.div(
        rx.el.button(
            icon("x"),
            type="button",
            class_name="ib",
            aria_label=t("talk.cancel"),
            on_click=call("choosing", "stopChoosing"),
        ),
        rx.el.b(t("talk.chosen", n=count), class_name="grow", role="status"),
        rx.el.button(
            icon("forward", 18),
            t("talk.forward"),
            type="button",
            class_name="btn pri",
            aria_haspopup="dialog",
            on_click=call("menu", "forwardChosen"),
        ),
        class_name="chosenbar",
    )
    return rx.cond(count > 0, bar)


def choice_of(row: rx.Var[TimelineRow]) -> rx.Component:
    """Over a message, while some are being chosen: chosen or not."""
    box = rx.el.button(
        rx.cond(row["chosen"], icon("check", 14)),
        type="button",
        role="checkbox",
        class_name="pickone",
        aria_checked=rx.cond(row["chosen"], "true", "false"),
        aria_label=t("talk.choose_one", name=titled(row["name"]), text=in_short(row["plain"], row["attached"])),
        on_click=call("choosing", "choose", row["chat"], row["seq"], str(MOST_FORWARDED)),
    )
    return rx.cond(row["choosing"] & (row["seq"] > 0) & ~row["erased"] & ~row["collapsed"], box)


def name_list() -> rx.Component:
    """Above the box: members who may be meant by what is typed after @."""

    def choice(person: rx.Var[Suggestion], place: rx.Var[int]) -> rx.Component:
        return option(
            avatar(person.face.hue, person.face.initials, person.face.picture, "z28"),
            rx.el.b(person.name, class_name="cut", dir="auto"),
            rx.el.span("@", person.username, class_name="cut mut"),
            name=person.username,
            key=person.user_id,
            aria_selected=rx.cond(place == 0, "true", "false"),
        )

    def option(*shown: Any, name: Any, **attributes: Any) -> rx.Component:
        return rx.el.button(
            *shown,
            type="button",
            role="option",
            id=rx.Var.create("name-") + name,
            class_name="mi",
            custom_attrs={"data-name": name},
            on_click=call("naming", "insertName", f'"{BOX}"', name),
            **attributes,
        )

    people, call_all = TalkState.suggested, TalkState.all_suggested
    everybody = option(
        icon("users"),
        rx.el.b(t("talk.everybody"), class_name="cut"),
        rx.el.span("@", t("talk.all"), class_name="cut mut"),
        name=t("talk.all"),
        aria_selected=rx.cond(people.length() == 0, "true", "false"),
    )
    return rx.cond(
        (people.length() > 0) | call_all,
        rx.el.div(
            rx.foreach(people, choice),
            rx.cond(call_all, everybody),
            id=NAMES,
            class_name="names",
            role="listbox",
            aria_label=t("talk.whom"),
        ),
    )


def emoji_button() -> rx.Component:
    """In the box: emoji into what is being typed."""
    return rx.el.button(
        icon("smile"),
        type="button",
        class_name="ib",
        aria_label=t("talk.emoji"),
        aria_haspopup="menu",
        custom_attrs={"onClick": on("menu", "openEmoji")},
    )


class Popup(rx.el.Div):
    """Stays on the screen, has the focus, and closes when something else is touched."""

    open: rx.Var[bool]

    def add_imports(self) -> dict[str, Any]:
        return {"$/public/menu": [ImportVar(tag="usePopup")]}

    def add_hooks(self) -> list[rx.Var[Any]]:
        menu, chat_id = message_menu(), open_chat().chat_id
        data = VarData.merge(menu._get_all_var_data(), chat_id._get_all_var_data())
        return [rx.Var(f'usePopup("{POPUP}", {menu["kind"]!s}, {chat_id!s})', _var_data=data)]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "open"]


@rx.memo
def talk_popups() -> rx.Component:
    """All that opens over the conversation; one per page."""
    menu = message_menu()
    return rx.fragment(
        rx.match(
            menu["kind"],
            ("menu", _popup(_menu(menu), label="talk.more")),
            (
                "emoji",
                _popup(_grid(lambda emoji: call("menu", "insert", f'"{BOX}"', f'"{emoji}"')), label="talk.emoji"),
            ),
            ("erase", _erase(menu)),
            ("forward", _forward(menu)),
            rx.fragment(),
        )
    )


def _type(emoji: str) -> rx.Var[Any]:
    return call("menu", "insert", f'"{BOX}"', f'"{emoji}"')


def _popup(*inside: rx.Component, label: str) -> rx.Component:
    # whatever is chosen in it closes it
    return Popup.create(
        *inside, id=POPUP, class_name="popup", role="menu", aria_label=t(label), on_click=call("menu", "close")
    )


def _menu(menu: rx.Var[Any]) -> rx.Component:
    chat, seq = menu["chat"], menu["seq"]

    def react(emoji: str) -> Any:
        return TalkState.react(chat, seq, emoji, True)

    quick = rx.el.div(
        *(_emoji(emoji, react(emoji)) for emoji in QUICK),
        rx.el.button(
            icon("plus", 18),
            type="button",
            role="menuitem",
            aria_label=t("talk.more_emoji"),
            custom_attrs={"onClick": _staying("pick")},
        ),
        class_name="quick",
    )
    on_top = rx.cond(menu["pinned"], t("talk.unpin"), t("talk.pin"))
    return rx.fragment(
        rx.cond(menu["picking"], _grid(react), quick),
        _item("reply", t("talk.reply"), call("talk", "answer", "menu.row")),
        rx.cond(menu["editable"], _item("pencil", t("talk.edit"), call("talk", "edit", "menu.row"))),
        _item("copy", t("talk.copy_text"), [call("menu", "copyWords"), TalkState.copied("text")]),
        _item("link", t("talk.copy_link"), [call("menu", "copyLink"), TalkState.copied("link")]),
        _item("forward", t("talk.forward"), None, custom_attrs={"onClick": _staying("ask", '"forward"')}),
        _item("circle-check", t("talk.choose"), call("choosing", "chooseFrom", "menu.row")),
        rx.cond(_may_pin(), _item("pin", on_top, TalkState.pin(chat, seq, ~menu["pinned"]))),
        rx.cond(
            menu["erasable"],
            _item("trash-2", t("talk.erase"), None, "mi bad", custom_attrs={"onClick": _staying("ask", '"erase"')}),
        ),
    )


def _item(name: str, words: Any, act: Any, look: str = "mi", **attributes: Any) -> rx.Component:
    if act is not None:
        attributes["on_click"] = act
    return rx.el.button(icon(name, 18), words, type="button", role="menuitem", class_name=look, **attributes)


def _grid(act: Callable[[str], Any]) -> rx.Component:
    return rx.el.div(*(_emoji(emoji, act(emoji)) for emoji in EMOJI), class_name="emoji")


def _emoji(emoji: str, act: Any) -> rx.Component:
    return rx.el.button(emoji, type="button", role="menuitem", on_click=act)


def _staying(function: str, *arguments: str) -> rx.Var[Any]:
    """For `onClick` inside the menu: something that does not close it."""
    data = VarData(imports={"$/public/menu": [ImportVar(tag=function)]})
    return rx.Var(f"(event) => {{ event.stopPropagation(); {function}({', '.join(arguments)}) }}", _var_data=data)


def _erase(menu: rx.Var[Any]) -> rx.Component:
    return dialog(
        rx.el.h2(t("talk.erase_title"), id="erase-title"),
        rx.el.p(t("talk.erase_lead"), class_name="mut"),
        rx.el.div(
            rx.el.button(t("talk.cancel"), type="button", class_name="btn ghost", on_click=call("menu", "close")),
            rx.el.button(
                t("talk.erase"),
                type="button",
                class_name="btn bad fill",
                on_click=[TalkState.erase(menu["chat"], menu["seq"]), call("menu", "close")],
            ),
            class_name="foot",
        ),
        label_id="erase-title",
        on_close=call("menu", "close"),
    )


def _forward(menu: rx.Var[Any]) -> rx.Component:
    def choice(row: rx.Var[ChatListRow]) -> rx.Component:
        return rx.el.button(
            avatar(row["hue"], row["initials"], row["picture"], square=row["kind"] != DIRECT),
            rx.el.b(titled(row["title"]), class_name="cut", dir="auto"),
            type="button",
            class_name="chat",
            key=row["key"],
            on_click=[
                TalkState.forward(menu["chat"], menu["seqs"], menu["called"], row["chat_id"]),
                call("menu", "close"),
                call("choosing", "stopChoosing"),
            ],
        )

    return dialog(
        rx.el.button(
            icon("x"), type="button", class_name="ib x", aria_label=t("notice.close"), on_click=call("menu", "close")
        ),
        rx.el.h2(t("talk.forward_title"), id="forward-title"),
        rx.el.label(
            icon("search", 16),
            rx.el.input(
                type="search",
                placeholder=t("main.search"),
                aria_label=t("main.search"),
                auto_complete="off",
                max_length=200,
                custom_attrs={"onInput": on("menu", "narrow")},
            ),
            class_name="sbox",
        ),
        rx.el.div(rx.foreach(choices(), choice), class_name="choose"),
        label_id="forward-title",
        on_close=call("menu", "close"),
    )


def _may_pin() -> rx.Var[bool]:
    return (open_chat().kind == DIRECT) | runs_group()
