"""`python -m archive PATH`: look at an archive and check it with nothing but Python; no settings, ledger or mail."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from archive.browsing import Entry, entries, find
from archive.ocfl.inventory import INVENTORY, ROOT_DECLARATION
from archive.ocfl.roots import validate_root
from archive.ocfl.validating import validate_object
from archive.vault import Vault
from archive.verify import verify

USAGE = """python -m archive PATH                 列出邮箱、年份、每个来件
       python -m archive show PATH NUMBER     一个来件：单位、主题、附件在哪里
       python -m archive verify PATH          校验每个文件；有损坏退出码 1
       python -m archive validate PATH        按 OCFL 1.1 检查任何对象或存储根，给出规范的代码"""


def main(words: Sequence[str]) -> int:
    """Exit code: 0 done, 1 something found or to mend, 2 wrong usage."""
    if not words or words[0] not in WORDS:
        words = ("list", *words)
    parser = argparse.ArgumentParser(prog="python -m archive", usage=USAGE)
    parser.add_argument("command", choices=WORDS, help=argparse.SUPPRESS)
    parser.add_argument("path", type=Path, help="存档的文件夹（里面有 0=ocfl_1.1）")
    parser.add_argument("number", nargs="?", help="编号")
    parser.add_argument("--json", action="store_true", help="按 JSON 输出")
    told = parser.parse_args(words)
    if (told.number is None) == (told.command == "show"):
        parser.error("show 要写编号，别的命令不要" if told.number is None else "只有 show 才写编号")
    if told.command == "validate":
        return validate_command(told.path, told.json)
    root = told.path if (told.path / ROOT_DECLARATION).exists() else told.path / "archive"
    if not root.is_dir():
        print(f"{told.path} 不是存档文件夹（里面应有 {ROOT_DECLARATION}）", file=sys.stderr)
        return 1
    return COMMANDS[told.command](Vault(root), told.number, told.json)


def list_command(vault: Vault, _: str | None, as_json: bool) -> int:
    """Mailboxes, years and every 件."""
    all_ = list(entries(vault))
    if as_json:
        _print([asdict(one) for one in all_])
        return 0
    above = ""
    for one in all_:
        folder = one.place.rpartition("/")[0]
        if folder != above:
            count = sum(other.place.rpartition("/")[0] == folder for other in all_)
            print(f"{folder}  {count} 件")
            above = folder
        print(f"  {one.number}  {_line(one)}")
    print(f"共 {len(all_)} 件")
    return 0


def _line(one: Entry) -> str:
    if one.trouble:
        return one.trouble
    unit = one.name or one.unit or "单位未定"
    names = "、".join(name for name, _, _ in one.pieces) or "无附件"
    return f"{one.received[:10]}  {unit}  {one.subject or '（无主题）'}  [{names}]"


def show_command(vault: Vault, number: str | None, as_json: bool) -> int:
    """One 件."""
    one = find(vault, number or "")
    if one is None:
        print(f"存档中没有编号 {number}", file=sys.stderr)
        return 1
    if as_json:
        _print(asdict(one))
        return 0
    print(f"{one.number}  {vault.root / one.place}")
    if one.trouble:
        print(one.trouble)
        return 0
    print(f"收到：{one.received}\n发件人：{one.sender}\n主题：{one.subject}")
    print(f"活动：{one.campaign or '未定'}\n单位：{one.unit or '未定'} {one.name}".rstrip())
    for name, path, size in one.pieces:
        print(f"附件：{name}  {size} 字节  {path or '（没有单独存放）'}")
    return 0


def verify_command(vault: Vault, _: str | None, as_json: bool) -> int:
    """Check every file; the ledger is not asked."""
    begun = time.monotonic()
    read = (0, 0)

    def checked(files: int, size: int) -> None:
        nonlocal read
        read = files, size
        if sys.stderr.isatty():
            print(f"\r{files} 个文件，{size / 1e6:.0f} MB", end="", file=sys.stderr, flush=True)

    damages = verify(vault, checked, processes=os.cpu_count() or 1)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    if as_json:
        _print([{"code": d.code, "object": d.object, "path": d.path, "text": d.text} for d in damages])
    else:
        for one in damages:
            print(f"{one.code}  {one.object}  {one.path}  {one.text}")
        seconds = max(time.monotonic() - begun, 1e-3)
        print(f"校验了 {read[0]} 个文件，{read[1] / 1e6:.0f} MB，{read[1] / 1e6 / seconds:.0f} MB/s")
        print("档案完好" if not damages else f"发现 {len(damages)} 处损坏")
    return 1 if damages else 0


def validate_command(path: Path, as_json: bool) -> int:
    """Any OCFL object or storage root, not only ours."""
    if not path.is_dir():
        print(f"没有文件夹 {path}", file=sys.stderr)
        return 1
    is_object = any(path.glob("0=ocfl_object_*")) or (path / INVENTORY).exists()
    faults = validate_object(path) if is_object else validate_root(path)
    if as_json:
        _print([asdict(one) | {"text": one.text} for one in faults])
    else:
        print("\n".join(one.text for one in faults) or "valid")
    return 1 if any(one.code.startswith("E") for one in faults) else 0


def _print(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


COMMANDS = {"list": list_command, "show": show_command, "verify": verify_command}
WORDS = (*COMMANDS, "validate")


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except BrokenPipeError:
        raise SystemExit(0) from None
