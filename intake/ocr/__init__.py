"""Reading scans: what stands on pages without text, by OCR in a process of its own. Off unless the settings ask for it.

Only unit name, table rows and title are wanted: the words help to identify and reconcile, they are never counted.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

from archive.records import Facts, Piece
from intake.measure.table import fields, first_line, main_table
from intake.ocr.layout import Page, grid_of, text_of, words_of

log = structlog.get_logger()

MISSING = "设置里打开了 ocr，但没有安装文字识别；请运行 pip install 'baosong[ocr]'，或把 ocr 改回 false"
PICTURES = ("jpeg", "png", "bmp", "tiff", "webp")
SPEAKING = re.compile("扫描|盖章|汇总表|登记表")
"""Words in a file's name that say it is a sheet of paper."""
A4 = (1.37, 1.46)
"""Longer by shorter side of a scanned sheet: 1.414, cut a little crooked; cameras have 1.33, 1.5 and 1.78."""
LEAST_SIDE = 600
"""Pixels of the shorter side below which print cannot be read."""
TEXT_LIMIT = 4000
IDLE = 120.0
"""Seconds after which a process that has nothing to read ends; it holds some 900 MB."""
START_SECONDS = 60.0
_LARGEST_ANSWER = 16 * 2**20
_PROJECT = Path(__file__).resolve().parents[2]


class _Broken(Exception):
    """The process that reads is of no use any more; the text says why."""


def installed() -> bool:
    """Whether the extra `baosong[ocr]` is there."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


class ScanReader:
    """Reads scans one after another; use as a context manager, from one thread at a time.

    The process starts with the first scan and ends when nothing came for IDLE seconds. seconds: longest for one file.
    """

    program = "from intake.ocr.reading import serve; serve()"
    """What the process runs."""

    def __init__(self, seconds: float, idle: float = IDLE) -> None:
        self._seconds = seconds
        self._idle = idle
        self._popen: subprocess.Popen[bytes] | None = None
        self._buffer = b""
        self._lock = threading.Lock()
        self._ending: threading.Timer | None = None

    def __enter__(self) -> ScanReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._end()

    @property
    def running(self) -> bool:
        """Whether a process is there."""
        return self._popen is not None and self._popen.poll() is None

    def read_scans(self, folder: Path, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
        """The pieces of one mail, those that are scans with text, title, header fields and table rows read from them.

        Never raises for a file: one that cannot be read stays as it was and a line of the log says why.
        """
        return tuple(
            replace(piece, facts=self._read(folder / piece.stored, piece)) if is_scan(piece) else piece
            for piece in pieces
        )

    def _read(self, path: Path, piece: Piece) -> Facts:
        asked = {
            "path": str(path),
            "type": piece.facts.type,
            "sure": piece.facts.type == "pdf" or SPEAKING.search(piece.name) is not None,
            "seal": piece.facts.seal_at is not None,
        }
        with self._lock:
            if self._ending is not None:
                self._ending.cancel()
            answer: dict[str, Any] = self._ask(asked) if installed() else {"error": MISSING}
            self._ending = threading.Timer(self._idle, self._rest)
            self._ending.daemon = True
            self._ending.start()
        try:
            if "error" not in answer:
                return read_into(piece.facts, [Page.of(page) for page in answer["pages"]])
        except (KeyError, TypeError, ValueError):
            answer = {"error": "文字识别的答复无法读取"}
        log.warning("a scan was not read", file=piece.name, why=answer["error"])
        return piece.facts

    def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        """One question and its answer; what goes wrong ends the process and comes back as a sentence."""
        try:
            if not self.running:
                self._start()
            self._say(asked)
            answer = json.loads(self._hear(self._seconds, f"文字识别超过 {self._seconds:g} 秒，已停止"))
        except _Broken as trouble:
            self._end()
            return {"error": str(trouble)}
        except (OSError, ValueError):
            self._end()
            return {"error": "文字识别程序意外终止"}
        return answer if isinstance(answer, dict) else {"error": "文字识别的答复无法读取"}

    def _start(self) -> None:
        self._end()
        path = os.pathsep.join(filter(None, (str(_PROJECT), os.environ.get("PYTHONPATH", ""))))
        self._popen = subprocess.Popen(
            [sys.executable, "-c", self.program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            bufsize=0,
        )
        self._hear(START_SECONDS, "文字识别程序没有启动")  # its first line only says that it is ready

    def _say(self, asked: dict[str, Any]) -> None:
        assert self._popen is not None and self._popen.stdin is not None
        self._popen.stdin.write(json.dumps(asked).encode() + b"\n")

    def _hear(self, seconds: float, late: str) -> bytes:
        """One line; _Broken with the sentence `late` when none comes in time, or when the process is gone."""
        assert self._popen is not None and self._popen.stdout is not None
        deadline = time.monotonic() + seconds
        while b"\n" not in self._buffer:
            if not select.select([self._popen.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise _Broken(late)
            data = os.read(self._popen.stdout.fileno(), 1 << 20)
            if not data:
                raise _Broken("文字识别程序意外终止")
            self._buffer += data
            if len(self._buffer) > _LARGEST_ANSWER:
                raise _Broken("文字识别的答复过长")
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _rest(self) -> None:
        """Nothing came for a while: the memory is given back."""
        if self._lock.acquire(blocking=False):
            try:
                self._end()
            finally:
                self._lock.release()

    def _end(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
        popen, self._popen, self._buffer = self._popen, None, b""
        if popen is None:
            return
        popen.kill()
        popen.wait()
        for pipe in (popen.stdin, popen.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def is_scan(piece: Piece) -> bool:
    """Whether a file is worth reading: a PDF without text, or a picture that is or may be a sheet of paper.

    A picture that only may be one is looked at once more before it is read (`intake.ocr.paper.is_paper`).
    """
    facts = piece.facts
    if facts.encrypted or facts.text or not piece.stored:
        return False
    if facts.type == "pdf":
        return facts.scanned is True
    if facts.type not in PICTURES or not facts.width or not facts.height:
        return False
    shorter, longer = sorted((facts.width, facts.height))
    if shorter < LEAST_SIDE:
        return False
    return bool(SPEAKING.search(piece.name) or facts.seal_at or A4[0] <= longer / shorter <= A4[1])


def read_into(facts: Facts, pages: Sequence[Page]) -> Facts:
    """The facts with what was read: text, title, the main table, else fields such as 报送单位. `scanned` is set.

    Characters stay unknown: what was read by a machine is never counted.
    """
    text = "\n".join(text_of(page) for page in pages).strip()[:TEXT_LIMIT]
    if not text:
        return facts
    known = replace(facts, text=text, title=facts.title or first_line(text), scanned=True)
    known = main_table(known, [grid for page in pages if (grid := grid_of(page)) is not None])
    return known if known.header else replace(known, header=fields(words_of(pages)))
