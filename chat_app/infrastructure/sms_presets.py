"""SMS gateways that need no more than credentials: how each is called, and what its answers mean."""

from base64 import b64encode
from urllib.parse import quote, urlencode

import httpx

from chat_app.infrastructure.sms import HttpSms, Verdict, told
from chat_app.settings import Settings

TWILIO = "https://api.twilio.com/2010-04-01/Accounts/{account}/Messages.json"
TWILIO_HOPELESS = {
    21211,  # not a phone number
    21610,  # its owner wants no SMS from us
    21614,  # cannot receive SMS
}
"""https://www.twilio.com/docs/api/errors"""

SMSRU = "https://sms.ru/sms/send"
SMSRU_HOPELESS = {
    202,  # not a phone number, or no way to it
    207,  # no way to it
    209,  # on the list of those who want none
}
"""https://sms.ru/api/send"""


def gateway(settings: Settings) -> HttpSms | None:
    """The gateway of `settings`: a preset, or one described in full; None if there is none."""
    match settings.sms_preset:
        case "twilio":
            return _twilio(settings)
        case "smsru":
            return _smsru(settings)
        case None if settings.sms_url:
            return HttpSms(settings.sms_url, settings.sms_method, settings.sms_headers, settings.sms_body)
        case None:
            return None


def _twilio(settings: Settings) -> HttpSms:
    account, token = settings.sms_account or "", settings.sms_token or ""
    # RFC 7617
    basic = b64encode(f"{account}:{token}".encode()).decode()
    return HttpSms(
        settings.sms_url or TWILIO.replace("{account}", quote(account, safe="")),
        headers={"Authorization": f"Basic {basic}"},
        body=f"{urlencode({'From': settings.sms_from})}&To={{phone}}&Body={{text}}",
        judge=twilio_verdict,
    )


def twilio_verdict(answer: httpx.Response) -> Verdict:
    """A message it took has no `error_code`; a request it refused has a `code`."""
    content = told(answer)
    if answer.is_success and "sid" in content and content.get("error_code") is None:
        return Verdict.TAKEN
    return Verdict.HOPELESS if content.get("code") in TWILIO_HOPELESS else Verdict.REFUSED


def _smsru(settings: Settings) -> HttpSms:
    known = {"api_id": settings.sms_token, "json": "1"} | ({"from": settings.sms_from} if settings.sms_from else {})
    return HttpSms(
        settings.sms_url or SMSRU,
        # in the body: addresses end up in logs
        body=f"{urlencode(known)}&to={{digits}}&msg={{text}}",
        judge=smsru_verdict,
    )


def smsru_verdict(answer: httpx.Response) -> Verdict:
    """It answers 200 to everything: `status` is of the request, and under `sms` there is one for each number."""
    content = told(answer)
    numbers = content.get("sms")
    if not answer.is_success or content.get("status") != "OK" or not isinstance(numbers, dict) or not numbers:
        return Verdict.REFUSED
    each: list[dict[str, object]] = [number for number in numbers.values() if isinstance(number, dict)]  # pyright: ignore[reportUnknownVariableType]  # whatever they sent
    if each and all(number.get("status") == "OK" for number in each):
        return Verdict.TAKEN
    hopeless = each and all(number.get("status_code") in SMSRU_HOPELESS for number in each)
    return Verdict.HOPELESS if hopeless else Verdict.REFUSED
