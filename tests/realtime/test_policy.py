"""Every handler there is has a rule, and nothing without one runs."""

import reflex as rx
from reflex_base.registry import RegistrationContext

import chat_app.chat_app  # noqa: F401  # registers every state
from chat_app.domain.common.work import Who
from chat_app.realtime.policy import FRAMEWORK_HANDLERS, handler, rule_of

OURS = "reflex___state____state.chat_app___"
CLOSED = {"setvar"}
"""Reflex gives this to every state; no rule opens it."""


def without_rule(names: list[str]) -> list[str]:
    """Handlers of our states that nobody said who may call."""
    ours = [name for name in names if name.startswith(OURS) and name.rpartition(".")[2] not in CLOSED]
    assert ours
    return [name for name in ours if rule_of(name) is None]


def test_every_handler_of_ours_has_a_rule() -> None:
    names = [name for name in RegistrationContext.get().event_handlers if "forgetful_state." not in name]
    assert without_rule(names) == []


def test_a_handler_without_a_rule_is_noticed() -> None:
    class ForgetfulState(rx.State):
        """With a public method that nobody decorated."""

        def become_admin(self) -> None:
            """Anybody could call this."""

        @handler(Who.SIGNED_IN)
        def greet(self, name: str) -> None:
            """This has a rule."""

    prefix = ForgetfulState.get_full_name()
    names = [name for name in RegistrationContext.get().event_handlers if name.startswith(prefix)]
    assert without_rule_in(names) == [f"{prefix}.become_admin"]


def without_rule_in(names: list[str]) -> list[str]:
    return [name for name in names if name.rpartition(".")[2] not in CLOSED and rule_of(name) is None]


def test_the_open_handlers_of_reflex_exist_and_are_all_that_is_open() -> None:
    registered = RegistrationContext.get().event_handlers
    assert set(FRAMEWORK_HANDLERS) <= set(registered)
    theirs = [name for name in registered if not name.startswith(OURS) and "forgetful_state." not in name]
    assert {name for name in theirs if name in FRAMEWORK_HANDLERS or rule_of(name)} == set(FRAMEWORK_HANDLERS)


def test_no_state_keeps_anything_in_the_browser() -> None:
    # else its handlers must take the browser's word for a value of any type, and the policy must let it through
    states = RegistrationContext.get().base_states.values()
    assert [state for state in states if any(map(state._is_client_storage, state.base_vars))] == []


# T7
def test_no_state_is_shared_between_tabs() -> None:
    states = RegistrationContext.get().base_states.values()
    assert [state for state in states if issubclass(state, rx.SharedState) and state is not rx.SharedState] == []


def test_what_only_the_server_may_do_has_no_handler() -> None:
    rules = {name: rule_of(name) for name in RegistrationContext.get().event_handlers}
    assert [name for name, rule in rules.items() if rule and rule.who is Who.SYSTEM] == []
