import re
from pathlib import Path

import pytest

from chat_app.settings import EXAMPLE_SECRET, BadSettings, Settings, variables

SECRET = "0123456789abcdef0123456789abcdef"
PRODUCTION = {
    "CHAT_ENV": "production",
    "CHAT_BASE_URL": "https://chat.example/",
    "CHAT_SECRET": SECRET,
    "CHAT_SMTP_URL": "smtp://mail.example",
    "CHAT_SMS_URL": "https://sms.example/send",
}


def read(**environ: str) -> Settings:
    return Settings.from_env(environ, dotenv=None)


def faults_of(**environ: str) -> list[str]:
    with pytest.raises(BadSettings) as caught:
        read(**environ)
    return caught.value.faults


def test_nothing_set_is_a_development_server_in_demo_mode():
    settings = read()
    assert not settings.production
    assert settings.demo_mode
    assert settings.port == 8000
    assert settings.data_dir == Path(".data").resolve()
    assert settings.database_url == f"sqlite:///{Path('.data').resolve()}/chat.sqlite3"


def test_what_is_set_is_taken():
    settings = read(
        CHAT_ORIGINS="https://a.example, https://b.example:8443/",
        CHAT_LIMITS="off",
        CHAT_DATABASE_URL="postgresql://ada@db/chat",
        CHAT_SMS_HEADERS='{"Authorization": "Bearer x"}',
        CHAT_DATA_DIR="/srv/chat",
        PORT="9000",
    )
    assert settings.origins == ("https://a.example", "https://b.example:8443")
    assert settings.limits is False
    assert settings.database_url == "postgresql+psycopg://ada@db/chat"
    assert settings.sms_headers == {"Authorization": "Bearer x"}
    assert settings.data_dir == Path("/srv/chat")
    assert settings.port == 9000


def test_an_empty_variable_is_as_good_as_none():
    assert read(CHAT_BASE_URL="").base_url is None


def test_the_environment_goes_before_the_file(tmp_path: Path):
    (tmp_path / ".env").write_text("CHAT_PHONE=off\nCHAT_DEMO=public\n")
    settings = Settings.from_env({"CHAT_PHONE": "optional"}, tmp_path / ".env")
    assert (settings.phone, settings.demo) == ("optional", "public")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CHAT_ENV", "staging"),
        ("PORT", "70000"),
        ("PORT", "http"),
        ("CHAT_BASE_URL", "chat.example"),
        ("CHAT_BASE_URL", "https://chat.example/path"),
        ("CHAT_BASE_URL", "https://chat.example:port"),
        ("CHAT_ORIGINS", "https://a.example,b.example"),
        ("CHAT_TRUSTED_PROXIES", "-1"),
        ("CHAT_DATABASE_URL", "mysql://db/chat"),
        ("CHAT_DATABASE_URL", "sqlite:///open.sqlite3"),
        ("CHAT_DATA_DIR", "data"),
        ("CHAT_REDIS_URL", "http://redis"),
        ("CHAT_SECRET", "short"),
        ("CHAT_SECRET", EXAMPLE_SECRET),
        ("CHAT_PHONE", "maybe"),
        ("CHAT_DEFAULT_REGION", "Russia"),
        ("CHAT_DEMO", "yes"),
        ("CHAT_SMTP_URL", "mail.example"),
        ("CHAT_MAIL_FROM", "nobody"),
        ("CHAT_SMS_PRESET", "pigeon"),
        ("CHAT_SMS_URL", "ftp://sms.example"),
        ("CHAT_SMS_METHOD", "PUT"),
        ("CHAT_SMS_HEADERS", "Authorization: x"),
        ("CHAT_SMS_HEADERS", '["x"]'),
        ("CHAT_LIMITS", "perhaps"),
        ("CHAT_LOG_LEVEL", "loud"),
    ],
)
def test_a_bad_value_is_one_line_that_begins_with_its_variable(variable: str, value: str):
    (line,) = faults_of(**{variable: value})
    assert re.match(rf"{variable}: .+", line)
    assert "\n" not in line


def test_an_unknown_name_is_refused_with_the_one_that_was_meant():
    assert faults_of(CHAT_BSE_URL="https://x.example") == ["CHAT_BSE_URL: no such setting, did you mean CHAT_BASE_URL?"]


def test_all_faults_are_told_at_once():
    faults = faults_of(CHAT_PHONE="maybe", CHAT_NONSENSE="1", PORT="0", CHAT_ENV="production")
    told = {fault.partition(":")[0] for fault in faults}
    assert told == {
        "CHAT_PHONE",
        "CHAT_NONSENSE",
        "PORT",
        "CHAT_BASE_URL",
        "CHAT_SECRET",
        "CHAT_SMTP_URL",
        "CHAT_SMS_URL",
    }


def test_a_bad_value_is_not_shown_when_it_may_be_a_secret():
    assert "hunter2" not in "".join(faults_of(CHAT_SECRET="hunter2", CHAT_SMTP_URL="hunter2"))


def test_production_starts_with_all_it_needs():
    settings = read(**PRODUCTION)
    assert settings.production
    assert settings.https
    assert settings.base_url == "https://chat.example"
    assert not settings.demo_mode


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CHAT_BASE_URL", ""),
        ("CHAT_BASE_URL", "http://chat.example"),
        ("CHAT_SECRET", ""),
        ("CHAT_SECRET", SECRET[:31]),
        ("CHAT_SECRET", EXAMPLE_SECRET),
        ("CHAT_SMTP_URL", ""),
        ("CHAT_SMS_URL", ""),
    ],
)
def test_production_refuses_to_start_half_set(variable: str, value: str):
    (line,) = faults_of(**(PRODUCTION | {variable: value}))
    assert line.startswith(variable)


def test_production_without_phones_needs_no_sms_gateway():
    assert read(**(PRODUCTION | {"CHAT_SMS_URL": "", "CHAT_PHONE": "off"})).phone == "off"


TWILIO = {
    "CHAT_SMS_PRESET": "twilio",
    "CHAT_SMS_ACCOUNT": "AC0account",
    "CHAT_SMS_TOKEN": "t0ken",
    "CHAT_SMS_FROM": "+15005550006",
}


def test_a_preset_is_gateway_enough_for_production():
    settings = read(**(PRODUCTION | {"CHAT_SMS_URL": ""} | TWILIO))
    assert (settings.sms_preset, settings.sms_account) == ("twilio", "AC0account")
    assert read(CHAT_SMS_PRESET="smsru", CHAT_SMS_TOKEN="t0ken").demo_mode is False


def test_what_a_preset_lacks_is_told_all_at_once():
    assert faults_of(CHAT_SMS_PRESET="twilio") == [
        "CHAT_SMS_ACCOUNT: the preset twilio needs it",
        "CHAT_SMS_TOKEN: the preset twilio needs it",
        "CHAT_SMS_FROM: the preset twilio needs it",
    ]
    assert faults_of(CHAT_SMS_PRESET="smsru") == ["CHAT_SMS_TOKEN: the preset smsru needs it"]


def test_what_a_preset_has_no_use_for_or_fills_in_itself_is_refused():
    told = faults_of(**TWILIO, CHAT_SMS_BODY="x", CHAT_SMS_METHOD="GET", CHAT_SMS_HEADERS="{}", PORT="0")
    assert told[0].startswith("PORT: ")
    assert told[1:] == [
        "CHAT_SMS_BODY: the preset twilio fills it in, leave out one of them",
        "CHAT_SMS_HEADERS: the preset twilio fills it in, leave out one of them",
        "CHAT_SMS_METHOD: the preset twilio fills it in, leave out one of them",
    ]
    (line,) = faults_of(CHAT_SMS_PRESET="smsru", CHAT_SMS_TOKEN="t0ken", CHAT_SMS_ACCOUNT="ada")
    assert line == "CHAT_SMS_ACCOUNT: the preset smsru has no use for it"


def test_a_preset_may_be_called_elsewhere():
    assert read(**TWILIO, CHAT_SMS_URL="https://api.dublin.ie1.twilio.com/x").sms_preset == "twilio"


def test_credentials_without_a_preset_are_refused_and_not_shown():
    told = faults_of(CHAT_SMS_TOKEN="hunter2", CHAT_SMS_URL="https://sms.example/send")
    assert told == ["CHAT_SMS_TOKEN: is for a gateway named by CHAT_SMS_PRESET, and there is none"]


def test_a_preset_that_is_wrong_is_one_fault_and_not_three():
    (line,) = faults_of(CHAT_SMS_PRESET="pigeon", CHAT_SMS_TOKEN="t0ken")
    assert line.startswith("CHAT_SMS_PRESET: ")


def test_secrets_are_not_shown_when_settings_are():
    assert SECRET not in repr(read(**PRODUCTION))
    assert "sms.example" not in repr(read(**PRODUCTION))
    shown = repr(read(**TWILIO))
    assert not any(secret in shown for secret in ("AC0account", "t0ken", "+15005550006"))


def test_every_setting_stands_in_the_readme():
    readme = Path("README.md").read_text()
    missing = [name for name in variables().values() if f"| `{name}` |" not in readme]
    assert not missing


def test_files_may_be_kept_in_a_bucket():
    settings = read(CHAT_FILES_URL="s3://key:the%2Fsecret@s3.example/bucket?region=eu-central-1")
    assert settings.files_url
    assert "the%2Fsecret" not in repr(settings)


@pytest.mark.parametrize(
    "url", ["s3://host/bucket", "s3://key:hidden@host", "s3://key:hidden@host/", "https://key:hidden@host/b", "bucket"]
)
def test_what_lacks_something_is_no_bucket(url: str):
    (line,) = faults_of(CHAT_FILES_URL=url)
    assert line == "CHAT_FILES_URL: must be like s3://key:secret@host/bucket?region=eu-central-1"


def test_what_may_be_uploaded_in_an_hour_is_a_file_at_least():
    assert (read().upload_mb, read().upload_hourly_mb) == (20, 200)
    (line,) = faults_of(CHAT_UPLOAD_MB="50", CHAT_UPLOAD_HOURLY_MB="40")
    assert line.startswith("CHAT_UPLOAD_HOURLY_MB: ")
    for wrong in ("0", "-1", "many"):
        assert faults_of(CHAT_UPLOAD_MB=wrong)
