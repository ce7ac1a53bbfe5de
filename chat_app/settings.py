"""What the operator decides, from `CHAT_*` variables or `.env`. Nothing is opened or written by reading it.

The README has a table of them all. `Settings.from_env` reports every fault at once.
"""

import difflib
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

PREFIX = "CHAT_"

TEST_VARIABLES = {"CHAT_LONG_TESTS", "CHAT_TEST_POSTGRES", "CHAT_TEST_REDIS"}
"""For the tests, not for the server; they may stand in the same environment."""

SECRET_BYTES = 32
"""The least a secret may have: as many as the hash it keys gives."""

EXAMPLE_SECRET = "change-me-to-at-least-32-random-bytes"  # noqa: S105  # the one in the README, which is refused

SMS_CREDENTIALS = {
    "twilio": {"sms_account": True, "sms_token": True, "sms_from": True},
    "smsru": {"sms_token": True, "sms_from": False},
}
"""What each preset is told, and whether it must be. How they are called stands in `infrastructure/sms_presets.py`."""

PROJECT = Path(__file__).resolve().parent.parent


class BadSettings(Exception):
    """One line for each fault, ready to be shown.

    `settings` are the rest, with defaults in place of what is `wrong`: for whoever looks further than the first faults.
    """

    def __init__(self, faults: list[str], settings: "Settings", wrong: frozenset[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults
        self.settings = settings
        self.wrong = wrong


class Settings(BaseModel):
    """Every setting and its default. The variable is `CHAT_` and the field in capitals; only `port` is plain `PORT`."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    env: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    base_url: str | None = None
    origins: tuple[str, ...] = ()
    trusted_proxies: int = Field(0, ge=0, le=10)
    data_dir: Path = Path(".data")
    database_url: str = ""
    redis_url: str | None = None
    secret: bytes = Field(b"", repr=False)
    phone: Literal["required", "optional", "off"] = "required"
    default_region: str = Field("RU", pattern="^[A-Z]{2}$")
    phone_countries: tuple[str, ...] = ()
    demo: Literal["local", "public"] = "local"
    smtp_url: str | None = Field(None, repr=False)
    mail_from: str = Field("chat@localhost", pattern=r"^[^@\s]+@[^@\s]+$")
    sms_preset: Literal["twilio", "smsru"] | None = None
    sms_account: str | None = Field(None, repr=False)
    sms_token: str | None = Field(None, repr=False)
    sms_from: str | None = Field(None, repr=False)
    sms_url: str | None = Field(None, repr=False)
    sms_method: Literal["GET", "POST"] = "POST"
    sms_headers: dict[str, str] = Field({}, repr=False)
    sms_body: str = '{"to": "{phone}", "text": "{text}"}'
    files_url: str | None = Field(None, repr=False)
    upload_mb: int = Field(20, ge=1, le=1024)
    upload_hourly_mb: int = Field(200, ge=1, le=1_000_000)
    limits: bool = True
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def production(self) -> bool:
        return self.env == "production"

    @property
    def https(self) -> bool:
        """People come by https: cookies are `Secure`, and their names begin with `__Host-`."""
        return self.base_url is not None and self.base_url.startswith("https://")

    @property
    def demo_mode(self) -> bool:
        """Nobody was named to carry mail or SMS: they go to an outbox in the data directory."""
        return self.smtp_url is None and not self.has_gateway

    @property
    def has_gateway(self) -> bool:
        """Somebody was named to carry SMS."""
        return self.sms_preset is not None or self.sms_url is not None

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")) -> Self:
        """The settings in `environ` (else the process's own), then in the file `dotenv`. Raises `BadSettings`."""
        named = dict(dotenv_values(dotenv)) if dotenv else {}
        named |= os.environ if environ is None else environ
        # a variable set to nothing is as good as none
        given = {field: named[name] for field, name in variables().items() if named.get(name)}

        faults = list(_unknown(named))
        try:
            settings = cls.model_validate(given)
        except ValidationError as error:
            wrong = {str(fault["loc"][0]): fault["msg"] for fault in error.errors()}
            faults += [f"{variables()[field]}: {message}" for field, message in wrong.items()]
            settings = cls.model_validate({field: value for field, value in given.items() if field not in wrong})
        else:
            wrong = {}
        # what a preset lacks can only be told when it is known which it is
        unfit = [] if "sms_preset" in wrong else [*settings._mismatched()]
        unfit += settings._unfit() if settings.production else ()
        faults += [f"{variables()[field]}: {why}" for field, why in unfit if field not in wrong]
        if faults:
            told = [fault.replace("Value error, ", "") for fault in faults]
            raise BadSettings(told, settings, frozenset(wrong) | {field for field, _ in unfit})
        return settings

    def _mismatched(self) -> Iterator[tuple[str, str]]:
        """What does not go together."""
        if self.upload_hourly_mb < self.upload_mb:
            yield "upload_hourly_mb", f"a file of {self.upload_mb} MB, which CHAT_UPLOAD_MB allows, would never fit"
        wanted = SMS_CREDENTIALS.get(self.sms_preset or "", {})
        for field in ("sms_account", "sms_token", "sms_from"):
            given = getattr(self, field) is not None
            if wanted.get(field) and not given:
                yield field, f"the preset {self.sms_preset} needs it"
            elif given and self.sms_preset is None:
                yield field, "is for a gateway named by CHAT_SMS_PRESET, and there is none"
            elif given and field not in wanted:
                yield field, f"the preset {self.sms_preset} has no use for it"
        if self.sms_preset is not None:
            for field in sorted({"sms_method", "sms_headers", "sms_body"} & self.model_fields_set):
                yield field, f"the preset {self.sms_preset} fills it in, leave out one of them"

    def _unfit(self) -> Iterator[tuple[str, str]]:
        """What may be in development and may not in production."""
        if not self.https:
            yield "base_url", "production needs the https:// address that people use"
        if not self.secret:
            yield "secret", f"production needs a secret of its own, at least {SECRET_BYTES} random bytes"
        if self.smtp_url is None:
            yield "smtp_url", "production needs a mail server, it does not run in demo mode"
        if not self.has_gateway and self.phone != "off":
            yield "sms_url", "production needs an SMS gateway (this, or CHAT_SMS_PRESET), or CHAT_PHONE=off"

    @field_validator("base_url")
    @classmethod
    def _one_origin(cls, url: str | None) -> str | None:
        return None if url is None else _origin(url)

    @field_validator("origins", mode="before")
    @classmethod
    def _listed(cls, origins: Any) -> Any:
        listed = origins.split(",") if isinstance(origins, str) else origins
        return tuple(_origin(origin.strip()) for origin in listed if origin.strip())

    @field_validator("phone_countries", mode="before")
    @classmethod
    def _countries(cls, countries: Any) -> Any:
        listed = countries.split(",") if isinstance(countries, str) else countries
        named = tuple(country.strip() for country in listed if country.strip())
        for country in named:
            if not re.fullmatch("[A-Z]{2}", country):
                raise ValueError(f"{country!r} is no country in two letters, such as RU,KZ,BY")
        return named

    @field_validator("data_dir")
    @classmethod
    def _hidden(cls, directory: Path) -> Path:
        return _private(directory)

    @field_validator("database_url")
    @classmethod
    def _engine(cls, url: str, info: ValidationInfo) -> str:
        if not url:
            return f"sqlite:///{info.data.get('data_dir', Path('.data').resolve()) / 'chat.sqlite3'}"
        url = re.sub("^postgres(ql)?://", "postgresql+psycopg://", url)
        if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        if url.startswith("sqlite:///"):
            return f"sqlite:///{_private(Path(url.removeprefix('sqlite:///')))}"
        return url

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, url: str | None) -> str | None:
        return _with_scheme(url, "redis", "rediss", "unix")

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, url: str | None) -> str | None:
        return _with_scheme(url, "smtp", "smtps", "smtp+starttls")

    @field_validator("files_url")
    @classmethod
    def _bucket(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "")
        if url is not None and not (
            parts.scheme in ("s3", "s3+http")
            and parts.hostname
            and parts.username
            and parts.password
            and parts.path.strip("/")
        ):
            raise ValueError("must be like s3://key:secret@host/bucket?region=eu-central-1")
        return url

    @field_validator("sms_url")
    @classmethod
    def _gateway(cls, url: str | None) -> str | None:
        return _with_scheme(url, "http", "https")

    @field_validator("sms_headers", mode="before")
    @classmethod
    def _json(cls, headers: Any) -> Any:
        if not isinstance(headers, str):
            return headers
        try:
            return json.loads(headers)
        except ValueError:
            raise ValueError('must be a JSON object like {"Authorization": "Bearer …"}') from None

    @field_validator("secret")
    @classmethod
    def _strong(cls, secret: bytes) -> bytes:
        # none at all is generated at the first start, see infrastructure/secret_file.py
        if secret == EXAMPLE_SECRET.encode():
            raise ValueError("is the example from the README, make one of your own")
        if 0 < len(secret) < SECRET_BYTES:
            raise ValueError(f"has {len(secret)} bytes, at least {SECRET_BYTES} are needed")
        return secret


def settings_or_exit() -> Settings:
    """`Settings.from_env`; faults go to stderr, one line each, and end the process with status 2."""
    try:
        return Settings.from_env()
    except BadSettings as bad:
        print(*bad.faults, sep="\n", file=sys.stderr)
        sys.exit(2)


def variables() -> dict[str, str]:
    """The variable of each field."""
    return {field: "PORT" if field == "port" else PREFIX + field.upper() for field in Settings.model_fields}


def _unknown(named: Mapping[str, str | None]) -> Iterator[str]:
    known = set(variables().values())
    for name in sorted(named):
        if name.startswith(PREFIX) and name not in known | TEST_VARIABLES:
            close = difflib.get_close_matches(name, known, 1)
            yield f"{name}: no such setting" + (f", did you mean {close[0]}?" if close else "")


def _private(path: Path) -> Path:
    """`path`, absolute, when it is hidden or elsewhere: `reflex export` packs what lies open in the project."""
    path = path.expanduser().resolve()
    inside = path.relative_to(PROJECT).parts if path.is_relative_to(PROJECT) else (".",)
    if not any(part.startswith(".") for part in inside):
        raise ValueError("inside the project a part of its path must begin with a dot, or it would be exported")
    return path


def _origin(url: str) -> str:
    """`https://chat.example` or with a port, without a slash at the end."""
    parts = urlsplit(url)
    if not re.fullmatch(r"https?://[^/?#@\s:]+(:\d{1,5})?/?", url, re.IGNORECASE):
        raise ValueError(f"{url!r} is not like https://chat.example")
    return f"{parts.scheme}://{parts.netloc}".lower()


def _with_scheme(url: str | None, *schemes: str) -> str | None:
    if url is not None and urlsplit(url).scheme not in schemes:
        raise ValueError("must begin with " + " or ".join(f"{scheme}://" for scheme in schemes))
    return url
