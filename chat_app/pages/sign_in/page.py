"""The sign-in page."""

import reflex as rx


class SignInState(rx.State):
    """What stands in the form besides the password."""

    reached: bool = False

    @rx.event
    def on_load(self) -> None:
        self.reached = True


def sign_in() -> rx.Component:
    return rx.el.main(rx.el.h1("Chat"), rx.cond(SignInState.reached, rx.el.p("Вход", id="reached"), rx.fragment()))
