"""Readers that a hostile file can crash do their work in a process of their own, so that only this file is lost."""

from __future__ import annotations

import faulthandler
import json
import multiprocessing
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from archive.records import Facts, dump, load
from intake.measure.damage import STRANGE

SECONDS = 8.0
"""Longest that one file is looked at; a whole one takes milliseconds."""
LARGEST_ANSWER = 16 * 2**20
_CONTEXT = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else None)

Measure = Callable[[Path, Facts], Facts]


def apart(measure: Measure, path: Path, known: Facts, seconds: float = SECONDS) -> Facts:
    """What `measure` says of the file, or an error when it crashes, raises or takes longer than that."""
    hear, say = _CONTEXT.Pipe(duplex=False)
    looking = _CONTEXT.Process(target=_look, args=(measure, path, known, say, seconds), daemon=True)
    looking.start()
    say.close()
    try:
        answer = json.loads(hear.recv_bytes(LARGEST_ANSWER)) if hear.poll(seconds) else None
        return load(Facts, answer) if answer else replace(known, error=f"文件内容异常，分析超过{seconds:g}秒，已停止")
    except (EOFError, OSError, ValueError):
        return replace(known, error=STRANGE)
    finally:
        looking.kill()
        looking.join()
        hear.close()


def _look(measure: Measure, path: Path, known: Facts, say: Connection, seconds: float) -> None:
    """In the process of its own, which ends itself when time is up, should nobody be left to end it."""
    watch = threading.Timer(seconds + 1, os._exit, (3,))
    watch.daemon = True
    watch.start()
    faulthandler.disable()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a parser's last words are no message of ours
    try:
        say.send_bytes(json.dumps(dump(measure(path, known))).encode())
    finally:
        os._exit(0)
