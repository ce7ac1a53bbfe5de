"""The bridge to the hand-written JavaScript in `assets/`: its results as Vars, its wishes as handlers."""

from typing import Any, TypedDict

import reflex as rx
from reflex.vars import VarData
from reflex_base.constants.compiler import Hooks
from reflex_base.utils.imports import ImportVar

from chat_app.pages.main.state import MainState
from chat_app.realtime.push import Feed

LOG = "log"
"""The id of the scrolling list of messages."""

BOX = "message"
"""The id of the box messages are typed in."""

SEARCH = "search"
"""The id of the search box."""


LINE = VarData(
    imports={"react": [ImportVar(tag="useContext")], "$/utils/context": [ImportVar(tag="EventLoopContext")]},
    hooks={Hooks.CONNECT_ERRORS: None},
)
"""What a component needs that reads `connectErrors`."""

ONLINE = "const online = useOnline(connectErrors)"


class TimelineRow(TypedDict):
    """One thing the conversation draws; `kind` is day, new or bubble. Made by `rowsOf` in `assets/timeline.js`."""

    kind: str
    key: str
    label: str
    seq: int
    client_id: str
    author: str
    name: str
    text: str
    erased: bool
    time: str
    mine: bool
    status: str
    """Of mine: waiting, failed, sent, read."""
    code: str
    first: bool
    last: bool


class ChatListRow(TypedDict):
    """One chat of the list. Made by `listOf` in `assets/timeline.js`."""

    key: str
    chat_id: str
    kind: str
    title: str
    hue: int
    initials: str
    picture: str
    open: bool
    time: str
    preview: str
    mine: bool
    sender: str
    unread: int
    status: str
    draft: str


class Below(TypedDict):
    """Whether the reader is away from the bottom, and how many messages came there since."""

    away: bool
    count: int


def kept(name: str, value: rx.Var[Any]) -> rx.Var[Any]:
    """`value`, or what it was before the state began to rebuild itself."""
    return _hooked(name, "timeline", "useKept", f'"{name}"', value, MainState.ready, kind=value._var_type)


def open_chat() -> rx.Var[Any]:
    """The open chat as the screen shows it."""
    return kept("openChat", MainState.chat)


def settled() -> rx.Var[bool]:
    """Whether anything was loaded yet; true for good from then on."""
    return kept("settled", MainState.ready).to(bool)


def timeline() -> rx.Var[list[TimelineRow]]:
    """The rows of the open conversation."""
    return _hooked(
        "timelineRows",
        "timeline",
        "useTimeline",
        open_chat().chat_id,
        open_chat().last_read_seq,
        kind=list[TimelineRow],
    )


def chat_list() -> rx.Var[list[ChatListRow]]:
    """The rows of the list of chats."""
    return _hooked("chatList", "timeline", "useChatList", open_chat().chat_id, kind=list[ChatListRow])


def below() -> rx.Var[Below]:
    """What waits below the screen."""
    return _hooked("below", "reading", "useBelow", kind=Below)


def offline() -> rx.Var[bool]:
    """Whether the line to the server is down."""
    data = VarData.merge(LINE, _imports("outgoing", "useOnline"), VarData(hooks={ONLINE: None}))
    return rx.Var("(!online)", _var_type=bool, _var_data=data).to(bool)


def call(module: str, function: str, *arguments: rx.Var[Any] | str) -> rx.Var[Any]:
    """For an event trigger: call a function of `assets/<module>.js`."""
    spoken = ", ".join(map(str, arguments))
    return rx.Var(
        f"() => {function}({spoken})",
        _var_data=VarData.merge(_imports(module, function), *(_data(argument) for argument in arguments)),
    ).to(rx.vars.FunctionVar)


# by the place of the key, which has another letter on a Russian keyboard
SEARCH_KEY = f"""useEffect(() => {{
  const search = (event) => {{
    if (!(event.ctrlKey || event.metaKey) || event.code !== "KeyK") return;
    event.preventDefault();
    document.getElementById("{SEARCH}")?.focus();
  }};
  addEventListener("keydown", search);
  return () => removeEventListener("keydown", search);
}}, [])"""


class Live(rx.el.Div):
    """Draws nothing; lets the JavaScript hear, ask and send."""

    on_catch_up: rx.EventHandler[lambda chat_id, rev: [chat_id, rev]]
    on_refresh: rx.EventHandler[rx.event.no_args_event_spec]
    on_send: rx.EventHandler[lambda chat_id, client_id, body: [chat_id, client_id, body]]

    def add_imports(self) -> dict[str, Any]:
        return {
            "react": [ImportVar(tag="useEffect")],
            "$/public/timeline": [ImportVar(tag="useFeed")],
            "$/public/outgoing": [ImportVar(tag=tag) for tag in ("useOutgoing", "useOnline", "post")],
            "$/public/drafts": [ImportVar(tag="useComposer")],
        }

    def add_hooks(self) -> list[rx.Var[Any]]:
        me, chat_id = MainState.me.user_id, open_chat().chat_id
        catch_up, refresh = _does(self, "on_catch_up"), _does(self, "on_refresh")
        lines = [
            f'useFeed("{Feed.get_full_name()}", {me!s}, {chat_id!s}, {catch_up}, {refresh})',
            f"useOutgoing(useOnline(connectErrors), {_does(self, 'on_send')})",
            f'useComposer("{BOX}", {chat_id!s}, post)',
        ]
        data = VarData.merge(_data(me), _data(chat_id), LINE)
        return [rx.Var(line, _var_data=data) for line in [*lines, SEARCH_KEY]]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "on_catch_up", "on_refresh", "on_send"]


class Log(rx.el.Div):
    """The scrolling list of messages: keeps its place, asks for what is above, tells what was read."""

    on_read: rx.EventHandler[lambda chat_id, seq: [chat_id, seq]]
    on_older: rx.EventHandler[lambda chat_id, before: [chat_id, before]]

    def add_imports(self) -> dict[str, Any]:
        return {
            "$/public/timeline": [ImportVar(tag="useTimeline")],
            "$/public/reading": [ImportVar(tag="useReading")],
        }

    def add_hooks(self) -> list[rx.Var[Any]]:
        chat_id, last_read = open_chat().chat_id, open_chat().last_read_seq
        line = (
            f'useReading("{LOG}", {chat_id!s}, {last_read!s}, useTimeline({chat_id!s}, {last_read!s}), '
            f"{{ read: {_does(self, 'on_read')}, older: {_does(self, 'on_older')} }})"
        )
        return [rx.Var(line, _var_data=VarData.merge(_data(chat_id), _data(last_read)))]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "on_read", "on_older"]


def live() -> rx.Component:
    """The one per page."""
    return Live.create(
        on_catch_up=MainState.catch_up, on_refresh=MainState.refresh, on_send=MainState.send, hidden=True
    )


def log(*rows: rx.Component, **props: Any) -> rx.Component:
    """The list of messages around its rows."""
    return Log.create(*rows, id=LOG, class_name="log", on_read=MainState.read, on_older=MainState.older, **props)


def _does(component: rx.Component, trigger: str) -> str:
    return str(rx.Var.create(component.event_triggers[trigger]))


def _hooked(name: str, module: str, hook: str, *arguments: Any, kind: Any) -> rx.Var[Any]:
    spoken = ", ".join(map(str, arguments))
    data = VarData.merge(
        _imports(module, hook),
        *(_data(argument) for argument in arguments),
        VarData(hooks={f"const {name} = {hook}({spoken})": None}),
    )
    return rx.Var(_js_expr=name, _var_type=kind, _var_data=data).to(kind)


def _imports(module: str, tag: str) -> VarData:
    return VarData(imports={f"$/public/{module}": [ImportVar(tag=tag)]})


def _data(argument: Any) -> VarData | None:
    return argument._get_all_var_data() if isinstance(argument, rx.Var) else None
