"""The bridge to the hand-written JavaScript in `assets/`: its results as Vars, its wishes as handlers."""

from typing import Any, TypedDict

import reflex as rx
from reflex.vars import VarData
from reflex_base.constants.compiler import Hooks
from reflex_base.utils.imports import ImportVar

from chat_app.components.backend import HOOKS, AsksBackend
from chat_app.components.words import t
from chat_app.domain.chats.tables import DIRECT
from chat_app.pages.main.search_state import SearchState
from chat_app.pages.main.state import MainState
from chat_app.pages.main.talk_state import TalkState
from chat_app.realtime.push import Feed

LOG = "log"
"""The id of the scrolling list of messages."""

BOX = "message"
"""The id of the box messages are typed in."""

CHAT_MENU = "chat-menu"
"""The id of the menu that every chat of the list has."""
PICKER = "attach"
"""The id of the input that files are chosen with."""

PANE = "conversation"
"""The id of what files are dropped on."""

NAMES = "names"
"""The id of the list of those who may be meant by what is typed after @."""

SEARCH = "search"
"""The id of the search box."""


LINE = VarData(
    imports={"react": [ImportVar(tag="useContext")], "$/utils/context": [ImportVar(tag="EventLoopContext")]},
    hooks={Hooks.CONNECT_ERRORS: None},
)
"""What a component needs that reads `connectErrors`."""

ONLINE = "const online = useOnline(connectErrors)"


class Picture(TypedDict):
    """A file of a message, a picture or not. Made by `drawFiles` in `assets/files.js`."""

    key: str
    name: str
    size: str
    """In words."""
    icon: str
    whole: str
    """Where it is; `shown` is where what a bubble shows of it is, `download` where it is to be saved from."""
    shown: str
    download: str
    going: bool
    """It is on its way up, so many per cent of it."""
    progress: int


class Upload(TypedDict):
    """A file above the box. Made by `assets/uploads.js`."""

    key: str
    name: str
    size: str
    icon: str
    shown: str
    progress: int
    state: str
    """waiting, sending, done or failed: why says `code`."""
    code: str
    params: dict[str, Any]
    hopeless: bool
    """Trying again would not help."""


class Viewed(TypedDict):
    """The picture that is shown large, the `at`th of `of`. Made by `assets/viewer.js`."""

    open: bool
    name: str
    whole: str
    size: str
    download: str
    at: int
    of: int


class TimelineRow(TypedDict):
    """One thing the conversation draws; `kind` is day, new, event or bubble. Made by `rowsOf` in `timeline.js`."""

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
    chat: str
    seers: bool
    """Of mine: others of a group have read it, and who can be asked."""
    code: str
    params: dict[str, Any]
    first: bool
    last: bool
    edited: int
    pinned: bool
    forwarded: bool
    forwarded_from: str
    """Whose words they were; empty of an account that is deleted."""
    plain: str
    """Its words without marks."""
    attached: str
    """As `files` of a chat of the list."""
    big: bool
    """It is a few emoji and nothing else."""
    choosing: bool
    """Messages are being chosen, and whether this one is."""
    chosen: bool
    collapsed: bool
    """Somebody whom the reader blocked says it."""
    parts: list[Any]
    """Its words as a tree, if they have any marks; drawn by `assets/markup.js`."""
    quoted: int
    """The seq of the message it answers, 0 for none."""
    quoted_name: str
    quoted_text: str
    quoted_files: str
    quoted_photo: str
    """The address of its first picture, small."""
    quoted_erased: bool
    reactions: list["Pill"]
    hue: int
    initials: str
    picture: str
    event: str
    """Of a system line: what was done, by `name`, to `whom`."""
    whom: str
    pictures: list[Picture]
    files: list[Picture]
    wide: int
    """Pixels that the pictures are wide; `ratio` of their sides, when it is one."""
    ratio: str


class Pill(TypedDict):
    """A reaction under a message, as the reader sees it."""

    emoji: str
    count: int
    mine: bool
    names: str
    more: int
    """How many more gave it than `names` has."""


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
    event: str
    """Of a system line: what was done, by `who`, to `whom`."""
    who: str
    whom: str
    files: str
    """What is attached: photo, file, or nothing."""
    unread: int
    status: str
    draft: str
    person: str
    """The other one, in a direct chat."""
    named: bool
    """Something unread names the reader."""
    muted: bool
    pinned: bool
    archived: bool
    blocked: bool
    level: str
    here: bool
    """The other one is."""
    typing: int
    """How many type."""
    typists: str


class Archive(TypedDict):
    """How many chats are put away, and whether the list shows them."""

    count: int
    open: bool


class SeenStatus(TypedDict):
    """When somebody was last here. Made by `useSeen` in `assets/presence.js`."""

    kind: str
    """here, just, ago, today, yesterday, day, or empty."""
    ago_s: int
    time: str


class HeadStatus(SeenStatus):
    """What stands under the name of the open chat. Made by `useStatus` in `assets/presence.js`."""

    count: int
    """Of a group's others, how many are here."""
    typing: int
    names: str


class Head(TypedDict):
    """What stands over the open chat, as it looks now. Made by `useHead` in `assets/timeline.js`."""

    title: str
    username: str
    members: int
    hue: int
    initials: str
    picture: str


class Below(TypedDict):
    """Whether the reader is away from the bottom, and how many messages came there since."""

    away: bool
    count: int


def kept(name: str, value: rx.Var[Any]) -> rx.Var[Any]:
    """`value`, or what it was before the state began to rebuild itself."""
    return hooked(name, "timeline", "useKept", f'"{name}"', value, MainState.ready, kind=value._var_type)


def open_chat() -> rx.Var[Any]:
    """The open chat as the screen shows it."""
    return kept("openChat", MainState.chat)


def head() -> rx.Var[Head]:
    """How the open chat looks now."""
    return hooked("head", "timeline", "useHead", open_chat(), kept("face", MainState.face), kind=Head)


def runs_group() -> rx.Var[bool]:
    """Whether the reader is owner or admin of the open chat."""
    return hooked("runsGroup", "timeline", "useRuns", open_chat().chat_id, kind=bool).to(bool)


def settled() -> rx.Var[bool]:
    """Whether anything was loaded yet; true for good from then on."""
    return kept("settled", MainState.ready).to(bool)


def timeline() -> rx.Var[list[TimelineRow]]:
    """The rows of the open conversation."""
    return hooked(
        "timelineRows",
        "timeline",
        "useTimeline",
        open_chat().chat_id,
        open_chat().last_read_seq,
        open_chat().kind,
        kind=list[TimelineRow],
    )


def chat_list() -> rx.Var[list[ChatListRow]]:
    """The rows of the list of chats."""
    return hooked("chatList", "timeline", "useChatList", open_chat().chat_id, kind=list[ChatListRow])


def archive() -> rx.Var[Archive]:
    """What is put away."""
    return hooked("shelf", "timeline", "useArchive", open_chat().chat_id, kind=Archive)


def open_row() -> rx.Var[ChatListRow]:
    """The open chat as the list has it."""
    return hooked("openRow", "timeline", "useOpenRow", open_chat().chat_id, kind=ChatListRow)


def here_now() -> rx.Var[dict[str, bool]]:
    """Who of those on screen is here, by their ids."""
    return hooked("hereNow", "timeline", "useHere", kind=dict[str, bool])


def menu_row() -> rx.Var[ChatListRow]:
    """The chat whose menu is open."""
    return hooked("menuRow", "timeline", "useMenuRow", open_chat().chat_id, kind=ChatListRow)


def head_status() -> rx.Var[HeadStatus]:
    """Whether the other one is here or types, or who of a group."""
    chat = open_chat()
    arguments = chat.chat_id, chat.person, chat.seen_at
    return hooked("headStatus", "timeline", "useHeadStatus", *arguments, kind=HeadStatus)


def key_help() -> rx.Var[bool]:
    """Whether the list of keys is open."""
    return hooked("keyHelp", "keys", "useKeyHelp", kind=bool)


def search_open() -> rx.Var[bool]:
    """Whether the search is open."""
    return hooked("searchOpen", "search", "useSearchOpen", kind=bool)


def permission() -> rx.Var[str]:
    """Whether the browser lets us show notices: default, granted, denied, or impossible."""
    return hooked("permission", "notify", "usePermission", kind=str)


def below() -> rx.Var[Below]:
    """What waits below the screen."""
    return hooked("below", "reading", "useBelow", kind=Below)


class Target(TypedDict):
    """What the box is about to do: `mode` is reply, edit, or empty. Made by `assets/talk.js`."""

    mode: str
    seq: int
    name: str
    text: str
    files: str


def target() -> rx.Var[Target]:
    """Whether a message is being answered or changed."""
    return hooked("target", "talk", "useTarget", open_chat().chat_id, kind=Target)


class PinnedRow(TypedDict):
    """A pinned message."""

    seq: int
    name: str
    text: str
    files: str


def pins() -> rx.Var[list[PinnedRow]]:
    """All that is pinned in the open chat, the latest first."""
    return hooked("allPinned", "timeline", "usePins", open_chat().chat_id, kind=list[PinnedRow])


class Pin(TypedDict):
    """One of the pinned messages of the open chat: the `at`th of `count`, 0 of none."""

    count: int
    at: int
    seq: int
    name: str
    text: str
    files: str


def pin() -> rx.Var[Pin]:
    """The pinned message that is shown."""
    return hooked("pin", "timeline", "usePin", open_chat().chat_id, kind=Pin)


class Menu(TypedDict):
    """What is open over the conversation: `kind` is menu, emoji, erase, forward, or empty. Made by `assets/menu.js`."""

    kind: str
    chat: str
    seq: int
    editable: bool
    erasable: bool
    pinned: bool
    picking: bool
    seqs: list[int]
    """What may be forwarded."""
    called: list[str]
    """What the copies are called."""


def choices() -> rx.Var[list[ChatListRow]]:
    """The chats that what is being forwarded may go to, narrowed by what is typed above them."""
    return hooked("choices", "menu", "useChoices", open_chat().chat_id, kind=list[ChatListRow])


def message_menu() -> rx.Var[Menu]:
    """The open menu, and the message it is about."""
    return hooked("menu", "menu", "useMessageMenu", kind=Menu)


def chosen_count() -> rx.Var[int]:
    """How many messages of the open chat are chosen."""
    return hooked("chosenCount", "choosing", "useChosen", open_chat().chat_id, kind=int).to(int)


class Said(rx.Component):
    """The words of a message."""

    library = "$/public/markup"
    tag = "Said"

    text: rx.Var[str]
    parts: rx.Var[list[Any]]


def uploads() -> rx.Var[list[Upload]]:
    """The files that wait above the box."""
    return hooked("waitingFiles", "uploads", "useUploads", open_chat().chat_id, kind=list[Upload])


def sendable() -> rx.Var[bool]:
    """Whether a file waits there that can be sent."""
    return hooked("sendable", "uploads", "useSendable", open_chat().chat_id, kind=bool)


def upload_note() -> rx.Var[str]:
    """Why not all that was chosen is there, as a code."""
    return hooked("uploadNote", "uploads", "useUploadNote", open_chat().chat_id, kind=str)


def viewer() -> rx.Var[Viewed]:
    """The picture that is shown large."""
    return hooked("viewed", "viewer", "useViewer", kind=Viewed)


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


def on(module: str, function: str, *arguments: rx.Var[Any] | str) -> rx.Var[Any]:
    """For an attribute such as `onClick`: call a function of `assets/<module>.js` with the browser's event first."""
    spoken = ", ".join(map(str, ("event", *arguments)))
    data = VarData.merge(_imports(module, function), *(_data(argument) for argument in arguments))
    return rx.Var(f"(event) => {function}({spoken})", _var_data=data)


class Picking(rx.el.Div):
    """Takes files from the input, from the clipboard, and dropped on the conversation."""

    def add_imports(self) -> dict[str, Any]:
        return {"$/public/uploads": [ImportVar(tag="usePicking")]}

    def add_hooks(self) -> list[rx.Var[Any]]:
        chat_id = open_chat().chat_id
        return [rx.Var(f'usePicking("{PICKER}", "{BOX}", "{PANE}", {chat_id!s})', _var_data=_data(chat_id))]


class Live(AsksBackend, rx.el.Div):
    """Draws nothing; lets the JavaScript hear, ask and send, and know where files are."""

    on_catch_up: rx.EventHandler[lambda chat_id, rev: [chat_id, rev]]
    on_refresh: rx.EventHandler[rx.event.no_args_event_spec]
    on_send: rx.EventHandler[
        lambda chat_id, client_id, body, reply_to, files: [chat_id, client_id, body, reply_to, files]
    ]
    on_edit: rx.EventHandler[lambda chat_id, seq, body, version: [chat_id, seq, body, version]]
    on_leave: rx.EventHandler[lambda chat_id, why: [chat_id, why]]
    on_suggest: rx.EventHandler[lambda chat_id, text: [chat_id, text]]
    on_forget: rx.EventHandler[rx.event.no_args_event_spec]
    on_typing: rx.EventHandler[lambda chat_id: [chat_id]]

    def add_imports(self) -> dict[str, Any]:
        return AsksBackend.add_imports(self) | {
            "$/public/timeline": [ImportVar(tag=tag) for tag in ("useFeed", "useEveryChat", "myLast")],
            "$/public/typing": [ImportVar(tag="useTyping")],
            "$/public/listing": [ImportVar(tag=tag) for tag in ("useMenu", "useListPlace")],
            "$/public/notify": [ImportVar(tag="useNotify")],
            "$/public/keys": [ImportVar(tag="useKeys")],
            "$/public/search": [ImportVar(tag="useSearch")],
            "$/public/outgoing": [ImportVar(tag=tag) for tag in ("useOutgoing", "useOnline")],
            "$/public/uploads": [ImportVar(tag=tag) for tag in ("postWithFiles", "hasFiles")],
            "$/public/files": [ImportVar(tag="useBackendAt")],
            "$/public/drafts": [ImportVar(tag="useComposer")],
            "$/public/naming": [ImportVar(tag="useNaming")],
        }

    def add_hooks(self) -> list[Any]:
        me, chat_id, kind = MainState.me.user_id, open_chat().chat_id, open_chat().kind
        answer, photo, file = SearchState.answer, t("files.photo"), t("files.file")
        naming = f"{{ suggest: {does(self, 'on_suggest')}, forget: {does(self, 'on_forget')} }}"
        composing = f"{{ post: postWithFiles, hasFiles, myLast, change: {does(self, 'on_edit')} }}"
        catch_up, refresh, leave = (does(self, trigger) for trigger in ("on_catch_up", "on_refresh", "on_leave"))
        lines = [
            f'useFeed("{Feed.get_full_name()}", {me!s}, {chat_id!s}, {catch_up}, {refresh}, {leave})',
            f"useOutgoing(useOnline(connectErrors), {does(self, 'on_send')})",
            f'useComposer("{BOX}", {chat_id!s}, {composing})',
            f'useNaming("{BOX}", {kind!s} === "{DIRECT}" ? "" : {chat_id!s}, {naming})',
            f'useTyping("{BOX}", {chat_id!s}, {does(self, "on_typing")})',
            f"useNotify({chat_id!s}, useEveryChat({chat_id!s}), {{ photo: {photo!s}, file: {file!s} }})",
            f'useMenu("{CHAT_MENU}")',
            "useListPlace()",
            "useKeys()",
            f'useSearch("{SEARCH}", {answer!s})',
            "useBackendAt(backend)",
        ]
        data = VarData.merge(*map(_data, (me, chat_id, answer, photo, file)), LINE)
        return [*HOOKS, *(rx.Var(line, _var_data=data) for line in lines)]

    def _exclude_props(self) -> list[str]:
        told = ("on_typing", "on_suggest", "on_forget")
        mine = ("on_catch_up", "on_refresh", "on_send", "on_edit", "on_leave", *told)
        return [*super()._exclude_props(), *mine]


class Log(rx.el.Div):
    """The scrolling list of messages: keeps its place, asks for what is above, tells what was read."""

    on_read: rx.EventHandler[lambda chat_id, seq: [chat_id, seq]]
    on_older: rx.EventHandler[lambda chat_id, before: [chat_id, before]]
    on_newer: rx.EventHandler[lambda chat_id, after: [chat_id, after]]
    on_latest: rx.EventHandler[lambda chat_id: [chat_id]]
    on_jump: rx.EventHandler[lambda chat_id, seq: [chat_id, seq]]

    def add_imports(self) -> dict[str, Any]:
        return {
            "$/public/menu": [ImportVar(tag="usePresses")],
            "$/public/timeline": [ImportVar(tag="useTimeline")],
            "$/public/reading": [ImportVar(tag="useReading")],
        }

    def add_hooks(self) -> list[rx.Var[Any]]:
        chat_id, last_read, kind = open_chat().chat_id, open_chat().last_read_seq, open_chat().kind
        line = (
            f'useReading("{LOG}", {chat_id!s}, {last_read!s}, useTimeline({chat_id!s}, {last_read!s}, {kind!s}), '
            f"{{ read: {does(self, 'on_read')}, older: {does(self, 'on_older')}, "
            f"newer: {does(self, 'on_newer')}, latest: {does(self, 'on_latest')}, "
            f"jump: {does(self, 'on_jump')} }})"
        )
        presses = rx.Var(f'usePresses("{LOG}")')
        return [rx.Var(line, _var_data=VarData.merge(_data(chat_id), _data(last_read))), presses]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "on_read", "on_older", "on_newer", "on_latest", "on_jump"]


def live() -> rx.Component:
    """The one per page."""
    return Live.create(
        on_catch_up=MainState.catch_up,
        on_refresh=MainState.refresh,
        on_send=MainState.send,
        on_edit=TalkState.edit,
        on_leave=MainState.leave,
        on_suggest=TalkState.suggest,
        on_forget=TalkState.forget,
        on_typing=MainState.typing,
        hidden=True,
    )


def log(*rows: rx.Component, **props: Any) -> rx.Component:
    """The list of messages around its rows."""
    return Log.create(
        *rows,
        id=LOG,
        class_name="log",
        on_read=MainState.read,
        on_older=MainState.older,
        on_newer=MainState.newer,
        on_latest=MainState.latest,
        on_jump=MainState.jump,
        **props,
    )


def does(component: rx.Component, trigger: str) -> str:
    """What a hook calls to have an event of its component's happen."""
    return str(rx.Var.create(component.event_triggers[trigger]))


def hooked(name: str, module: str, hook: str, *arguments: Any, kind: Any) -> rx.Var[Any]:
    """What a hook of `assets/<module>.js` says, as a Var under a `name` of its own."""
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
