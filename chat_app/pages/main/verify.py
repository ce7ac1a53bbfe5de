"""The dialog over the main page that confirms email and phone."""

import reflex as rx

from chat_app.components.demo import demo_box
from chat_app.components.dialog import dialog
from chat_app.components.icons import icon
from chat_app.components.plain_form import plain_form
from chat_app.components.routes import SESSION_SIGN_OUT, SIGN_IN
from chat_app.components.words import countdown, refusal_words, t
from chat_app.pages.main.correct import another_email, another_phone
from chat_app.pages.main.verify_state import VerifyState

DIGITS = 6

# Draws what is typed into the boxes, takes the digits out of whatever is pasted, and sends the code when it is whole.
DRAW_CODE = f"""(event) => {{
  const input = event.currentTarget;
  const boxes = input.parentElement.querySelectorAll("i");
  let digits = input.value.replace(/\\D/g, "");
  // after a wrong code the next digit begins another
  const typed = event.nativeEvent.inputType === "insertText";
  if (digits.length > {DIGITS}) digits = typed ? digits.slice({DIGITS}) : digits.slice(0, {DIGITS});
  input.value = digits;
  boxes.forEach((box, at) => {{
    box.textContent = digits[at] ?? "";
    box.classList.toggle("cur", at === Math.min(digits.length, {DIGITS - 1}));
  }});
  input.parentElement.toggleAttribute("data-typing", digits.length < {DIGITS});
  if (digits.length === {DIGITS}) input.form.requestSubmit();
}}"""

CARET_TO_END = "(event) => event.currentTarget.setSelectionRange(9, 9)"


def verify_dialog() -> rx.Component:
    """Shown while something is left to confirm."""
    by_email = VerifyState.step == "email"
    content = dialog(
        _steps(by_email),
        rx.el.h2(rx.cond(by_email, t("verify.title_email"), t("verify.title_phone")), id="verify-title"),
        rx.el.p(
            t("verify.sent_to"),
            " ",
            rx.el.b(VerifyState.destination, class_name="tx num"),
            " ",
            rx.cond(
                VerifyState.changing,
                rx.fragment(),
                rx.el.button(t("verify.change"), type="button", class_name="link", on_click=VerifyState.change(True)),
            ),
            class_name="mut",
        ),
        rx.cond(VerifyState.changing, rx.cond(by_email, another_email(), another_phone()), _ask(by_email)),
        rx.el.p(rx.cond(by_email, t("verify.valid_then_phone"), t("verify.valid")), class_name="legal"),
        plain_form(
            rx.el.input(type="hidden", name="next", value=SIGN_IN, read_only=True),
            rx.el.button(t("verify.sign_out"), type="submit", class_name="btn s ghost"),
            path=SESSION_SIGN_OUT,
        ),
        label_id="verify-title",
        class_name="ver",
    )
    return rx.cond((VerifyState.step == "email") | (VerifyState.step == "phone"), content)


def _ask(by_email: rx.Var[bool]) -> rx.Component:
    return rx.el.form(
        _boxes(),
        _fault(),
        _resend(by_email),
        demo_box(VerifyState.demo, by_email=by_email),
        rx.el.button(t("verify.confirm"), type="submit", class_name="btn pri l w"),
        on_submit=lambda data: VerifyState.confirm(data.to(dict[str, str])["code"]),
        # the next step begins with empty boxes
        key=VerifyState.step,
    )


def _steps(by_email: rx.Var[bool]) -> rx.Component:
    done = rx.el.span(icon("check", 14), class_name="sd")
    email = rx.el.li(
        rx.cond(by_email, _number(1), done),
        t("verify.step_email"),
        rx.cond(by_email, rx.fragment(), rx.el.span(" ", t("verify.step_done"), class_name="sr")),
        class_name=rx.cond(by_email, "on", "done"),
        aria_current=rx.cond(by_email, "step", "false"),
    )
    phone = rx.el.li(
        _number(2),
        t("verify.step_phone"),
        class_name=rx.cond(by_email, "", "on"),
        aria_current=rx.cond(by_email, "false", "step"),
    )
    return rx.el.ol(email, phone, class_name="steps")


def _number(number: int) -> rx.Component:
    return rx.el.span(str(number), class_name="sd")


def _boxes() -> rx.Component:
    real = rx.el.input(
        id="code",
        name="code",
        aria_label=t("verify.code"),
        aria_invalid=rx.cond(VerifyState.fault["code"], "true", "false"),
        aria_describedby="verify-fault",
        input_mode="numeric",
        auto_complete="one-time-code",
        pattern=rf"\d{{{DIGITS}}}",
        required=True,
        auto_focus=VerifyState.step == "phone",
        custom_attrs={"onInput": rx.Var(DRAW_CODE), "onSelect": rx.Var(CARET_TO_END)},
    )
    drawn = [rx.el.i(class_name="cur" if at == 0 else "", aria_hidden="true") for at in range(DIGITS)]
    half = DIGITS // 2
    bad = rx.cond(VerifyState.wrong % 2 == 0, "code bad even", "code bad odd")
    return rx.el.div(
        real, *drawn[:half], rx.el.u(), *drawn[half:], class_name=rx.cond(VerifyState.fault["code"], bad, "code")
    )


def _fault() -> rx.Component:
    words = rx.el.p(
        icon("circle-alert"),
        refusal_words(code=VerifyState.fault["code"], params=VerifyState.fault["params"]),
        class_name="hint err",
    )
    sent = rx.el.p(t("verify.resent"), class_name="hint")
    return rx.el.div(
        rx.cond(VerifyState.fault["code"], words, rx.cond(VerifyState.resent, sent)), id="verify-fault", role="alert"
    )


def _resend(by_email: rx.Var[bool]) -> rx.Component:
    again = rx.fragment(
        rx.el.span(rx.cond(by_email, t("verify.no_email"), t("verify.no_phone")), class_name="mut"),
        rx.el.button(t("verify.resend"), type="button", class_name="link strong", on_click=VerifyState.resend),
    )
    waiting = countdown("verify.new_code_in", VerifyState.wait_s, again, key=VerifyState.asked.to_string())
    return rx.el.div(waiting, class_name="row between")
