"""A setting that cannot be is one line that names it."""

from __future__ import annotations

import pytest

from app import cli


def told(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    return " ".join(capsys.readouterr().err.split())


def test_a_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FANARCHIVE_THREADS", "0")
    assert told(capsys).startswith("error: the setting FANARCHIVE_THREADS: Input should be")


def test_what_is_about_several_settings_names_them_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FANARCHIVE_OIDC_ISSUER", "https://id.example")
    assert (
        told(capsys)
        == "error: FANARCHIVE_OIDC_ISSUER needs FANARCHIVE_OIDC_CLIENT_ID and FANARCHIVE_OIDC_REDIRECT_URIS"
    )
