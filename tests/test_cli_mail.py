"""`send-test-mail` says at once whether mail works, and if not, what to do."""

import ssl
from pathlib import Path

import pytest

from chat_app.commands.send_test_mail import send_test_mail
from chat_app.infrastructure.faults import Fault
from chat_app.settings import Settings
from tests.carriers import AUTHORITY, BreaksPromise, PostOffice, free_port, opened, server_tls

ADA = "ada@example.org"


def served_by(url: str = "") -> Settings:
    return Settings.from_env(
        {"CHAT_SMTP_URL": url, "CHAT_DATA_DIR": "/nowhere", "CHAT_MAIL_FROM": "c@example.org"}, None
    )


def refusal(url: str) -> str:
    with pytest.raises(Fault) as fault:
        send_test_mail(served_by(url), ADA)
    [line] = str(fault.value).splitlines()
    assert "p@ss:word" not in line
    assert "p%40ss" not in line
    assert fault.value.to_do
    return line


def test_a_mail_arrives_in_the_language_of_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    office, subjects = PostOffice(), []
    with opened(office):
        for language in ("en_GB.UTF-8", "ru_RU.UTF-8"):
            monkeypatch.setenv("LANG", language)
            send_test_mail(served_by(office.url()), ADA)
            subjects.append(office.letters[-1]["Subject"])
    assert [letter["To"] for letter in office.letters] == [ADA, ADA]
    assert len(set(subjects)) == 2
    assert f"took a mail to {ADA}" in capsys.readouterr().out


@pytest.mark.parametrize(("scheme", "options"), [("smtps", "ssl_context"), ("smtp+starttls", "tls_context")])
def test_a_certificate_is_looked_at(scheme: str, options: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = PostOffice()
    with opened(office, **{options: server_tls()}):
        assert "certificate" in refusal(office.url(scheme))
        authority = tmp_path / "authority.pem"
        AUTHORITY.cert_pem.write_to_path(str(authority))
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        assert ssl.get_default_verify_paths().cafile == str(authority)
        send_test_mail(served_by(office.url(scheme)), ADA)
    assert len(office.mail) == 1


def test_a_wrong_password_is_named() -> None:
    office = PostOffice()
    with opened(office):
        assert "refuses user or password" in refusal(office.url(password="another p@ss:word"))


def test_so_is_a_recipient_who_is_refused_for_now_or_for_good() -> None:
    for answer in ("450 try later", "550 5.7.1 no relaying"):
        office = PostOffice()
        office.refused[ADA] = answer
        with opened(office):
            assert f"refuses the recipient: {answer}" in refusal(office.url())


def test_so_is_a_server_that_is_not_there_or_another_than_named() -> None:
    assert "nobody listens at 127.0.0.1:" in refusal(f"smtp://127.0.0.1:{free_port()}")
    office = PostOffice()
    with opened(office):
        assert "does not speak TLS as asked" in refusal(office.url("smtps"))
        assert "offers no STARTTLS" in refusal(office.url("smtp+starttls"))
    with opened(office, BreaksPromise, tls_context=server_tls()):
        assert "refuses: 454 TLS not available" in refusal(office.url("smtp+starttls"))


def test_in_demo_mode_it_says_where_the_outbox_is(capsys: pytest.CaptureFixture[str]) -> None:
    send_test_mail(served_by(), ADA)
    assert "/nowhere/outbox.jsonl" in capsys.readouterr().out
