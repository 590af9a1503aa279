"""Passwords come from the environment or a file only its owner can read; no message ever holds one."""

from pathlib import Path

import pytest

from config.secrets import SecretMissing, secret


def test_a_secret_comes_from_the_environment(tmp_path: Path) -> None:
    assert secret("env:BAOSONG_PASSWORD", tmp_path, {"BAOSONG_PASSWORD": " planted \n"}) == "planted"


def test_a_secret_comes_from_a_private_file_beside_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "mail.secret"
    path.write_text("planted\n", encoding="utf-8")
    path.chmod(0o600)
    assert secret("file:mail.secret", tmp_path, {}) == "planted"
    assert secret(f"file:{path}", Path("/nowhere"), {}) == "planted"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "mail.secret"
    path.write_text("planted", encoding="utf-8")
    path.chmod(mode)
    with pytest.raises(SecretMissing, match="chmod 600") as caught:
        secret("file:mail.secret", tmp_path, {})
    assert "planted" not in str(caught.value)


@pytest.mark.parametrize("ref", ["planted", "env:", "file:", "", "pass:planted", "env:NOT_SET", "file:none", "file:."])
def test_what_is_missing_is_said_without_the_secret(tmp_path: Path, ref: str) -> None:
    with pytest.raises(SecretMissing) as caught:
        secret(ref, tmp_path, {"OTHER": "planted"})
    assert "请" in str(caught.value) or "不要" in str(caught.value)
    assert "planted" not in str(caught.value)


def test_an_empty_or_binary_file_is_refused(tmp_path: Path) -> None:
    for content in (b"", b" \n", b"\xff\xfe\x00"):
        path = tmp_path / "mail.secret"
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(SecretMissing):
            secret("file:mail.secret", tmp_path, {})
