"""Where a password lies (`env:NAME`, `file:PATH`) to the password itself; it is never shown and never kept."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path


class SecretMissing(Exception):
    """The secret cannot be had; the message is one sentence with the next step and never holds the secret."""


def secret(ref: str, home: Path, environ: Mapping[str, str]) -> str:
    """The secret behind `ref`; a relative file path is looked for in the home folder.

    Raises SecretMissing when it is not there, empty, or (POSIX) readable by others than its owner.
    """
    kind, _, place = ref.partition(":")
    if kind == "env" and place:
        value = environ.get(place, "").strip()
        if not value:
            raise SecretMissing(f"环境变量 {place} 没有设置，请把邮箱的授权码放进这个变量后再启动")
        return value
    if kind == "file" and place:
        return _from_file(home / place)
    # the reference is not repeated: somebody may have written the password itself here
    raise SecretMissing("password 应写成 env:变量名 或 file:文件路径，不要把密码直接写在设置里")


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
                raise SecretMissing(f"密码文件 {path} 别人也能读取，请先执行 chmod 600 {path}")
            data = opened.read(64 * 1024)
    except FileNotFoundError:
        raise SecretMissing(f"找不到密码文件 {path}，请建立它（只放授权码一行，权限 600）") from None
    except (OSError, ValueError):
        raise SecretMissing(f"无法读取密码文件 {path}，请检查权限和路径") from None
    try:
        value = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise SecretMissing(f"密码文件 {path} 不是文本文件，请只放授权码一行") from None
    if not value:
        raise SecretMissing(f"密码文件 {path} 是空的，请放入授权码")
    return value
