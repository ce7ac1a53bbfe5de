"""Who may call which handler. Every public method of every state can be called by any stranger with any arguments, so
all is denied but what carries a rule, and arguments are what the rule's annotations say or the call is dropped.

The identity of a call is the session cookie of its socket's handshake, looked up for each event; never an argument,
never the tab's token.
"""

import inspect
import logging
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, get_type_hints

import reflex as rx
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from reflex.event import EventSpec
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from reflex_base.event.context import EventContext
from reflex_base.registry import RegistrationContext

from chat_app.domain.common.work import Actor, Person, Visitor, Who
from chat_app.infrastructure.identity import Identities

log = logging.getLogger(__name__)

_actor: ContextVar[Actor] = ContextVar("actor")


@dataclass(frozen=True)
class Rule:
    """Who may call a handler, and what its arguments must be."""

    who: Who
    arguments: type[BaseModel]


STRICT = ConfigDict(strict=True, extra="forbid")


def framework(**arguments: Any) -> Rule:
    return Rule(Who.ANYONE, create_model("arguments", __config__=STRICT, **arguments))


FRAMEWORK_HANDLERS = {
    # `vars` sets what a state keeps in the browser: none of ours does, and it would take any type
    "reflex___state____state.hydrate_and_load": framework(
        vars=(dict[str, Any] | None, Field(None, max_length=0)), hashes=(list[str] | None, None)
    ),
    "reflex___state____state.set_is_hydrated": framework(value=(bool, ...)),
    "reflex___state____state.reflex___state____on_load_internal_state.set_is_hydrated": framework(value=(bool, ...)),
    "reflex___state____state.reflex___state____on_load_internal_state.on_load_internal": framework(),
}
"""The handlers of Reflex that a page needs; they rebuild what is on screen and act on nothing else."""


def handler(who: Who, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Open a state's method to `who`; `options` are those of `rx.event`. Each argument needs an annotation."""

    def hang(method: Callable[..., Any]) -> Any:
        method.__dict__["rule"] = Rule(who, _arguments(method))
        # through the class a handler is what triggers take, not the function it was
        return rx.event(method, **options)  # pyright: ignore[reportArgumentType, reportCallIssue]  # whatever its arguments are

    return hang


def actor() -> Actor:
    """Who called the handler that is running."""
    return _actor.get()


def rule_of(name: str) -> Rule | None:
    """The rule of a registered handler, by its full name."""
    registered = RegistrationContext.get().event_handlers.get(name)
    return None if registered is None else getattr(registered.handler.fn, "rule", None)


class TabState(rx.State):
    """Which session a tab's state belongs to."""

    _session_key: str | None = None
    """None until its first event."""


class Policy(Middleware):
    """Runs before every event: finds out who calls, and lets through what a rule allows."""

    def __init__(self, identities: Identities, sign_in_page: str) -> None:
        self._identities = identities
        self._sign_in_page = sign_in_page

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """None lets the event through; an empty update stops it."""
        # not state.router_data: that is what an earlier event of the tab left there
        router_data = EventContext.get().router_data
        headers = router_data.get("headers")
        if headers is None:
            log.warning("dropped %s: it came without a connection", event.name)
            return StateUpdate()
        cookies = str(headers.get("cookie", ""))
        who = await self._identities.actor(cookies, str(router_data.get("ip", "")))
        _actor.set(who)
        await self._bind(state, self._identities.session_key(cookies), router_data)
        rule = FRAMEWORK_HANDLERS.get(event.name) or rule_of(event.name)
        if rule is None or rule.who is Who.SYSTEM:
            log.warning("dropped %s: no rule opens it", event.name)
            return StateUpdate()
        if rule.who is not Who.ANYONE and isinstance(who, Visitor):
            return StateUpdate(events=client_events(rx.redirect(self._sign_in_page)))
        if rule.who is Who.CONFIRMED and isinstance(who, Person) and not who.confirmed:
            log.info("dropped %s: its caller is not confirmed", event.name)
            return StateUpdate()
        try:
            arguments = rule.arguments.model_validate(event.payload)
        except ValidationError as error:
            # never the values: a password typed into the wrong box must not reach the log
            log.warning("dropped %s: %d arguments do not fit", event.name, error.error_count())
            return StateUpdate()
        event.payload.clear()
        event.payload.update((name, getattr(arguments, name)) for name in type(arguments).model_fields)
        return None

    @staticmethod
    async def _bind(state: BaseState, session_key: str, router_data: dict[str, Any]) -> None:
        """Whoever presents a tab's token under another session gets an empty tab, not the one that was left there."""
        root = state._get_root_state()  # pyright: ignore[reportPrivateUsage]  # the state above is the tab's own
        tab = await root.get_state(TabState)
        if tab._session_key == session_key:  # pyright: ignore[reportPrivateUsage]  # public, the browser would see it
            return
        if tab._session_key is not None:  # pyright: ignore[reportPrivateUsage]  # the same
            root.reset()
            # where the tab was stays as well, unless it is read anew
            root.router_data = root._update_router_vars(router_data, {})  # pyright: ignore[reportPrivateUsage]
            tab = await root.get_state(TabState)
        tab._session_key = session_key  # pyright: ignore[reportPrivateUsage]  # the same


def client_events(*specs: EventSpec) -> list[Event]:
    """Events that a browser runs by itself, such as a redirect."""
    return Event.from_event_type(list(specs))  # pyright: ignore[reportUnknownMemberType]  # half typed by Reflex


def _arguments(method: Callable[..., Any]) -> type[BaseModel]:
    hints = get_type_hints(method, include_extras=True)
    fields: dict[str, Any] = {}
    for name, parameter in list(inspect.signature(method).parameters.items())[1:]:
        if name not in hints:
            raise TypeError(f"{method.__qualname__}: argument {name} needs an annotation")
        fields[name] = (hints[name], ... if parameter.default is parameter.empty else parameter.default)
    return create_model(method.__qualname__, __config__=STRICT, **fields)
