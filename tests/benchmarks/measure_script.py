"""What an office would write instead: mails taken apart and files measured by well-known packages, in one process.

Usage: python -m tests.benchmarks.measure_script FOLDER OUT   (FOLDER: *.eml; prints JSON)
No limits on time or memory, no look whether a film is whole, names and types by their endings.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import json
import resource
import shutil
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pypdf
import xlrd
from PIL import Image, ImageOps
from pymediainfo import MediaInfo


def picture(path: Path) -> bool:
    """Pixels after orientation; decoded whole, for nothing less tells that it is whole."""
    with Image.open(path) as image:
        image.load()
        return min(ImageOps.exif_transpose(image).size) > 0


def word(path: Path) -> bool:
    """Characters of the paragraphs."""
    return sum(len(paragraph.text) for paragraph in docx.Document(str(path)).paragraphs) > 0


def old_word(path: Path) -> bool:
    """Characters as antiword prints them; not known without it."""
    if shutil.which("antiword") is None:
        return False
    return bool(subprocess.run(["antiword", str(path)], capture_output=True, check=False).stdout.strip())


def table(path: Path) -> bool:
    """Rows of the first sheet."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    return sum(any(row) for row in book.active.iter_rows(values_only=True)) > 0


def old_table(path: Path) -> bool:
    """The same of an .xls."""
    return bool(xlrd.open_workbook(path).sheet_by_index(0).nrows)


def pdf(path: Path) -> bool:
    """Pages and their words."""
    return sum(len(page.extract_text()) >= 0 for page in pypdf.PdfReader(path).pages) > 0


def film(path: Path) -> bool:
    """Playing time and pixels."""
    return any(track.track_type == "Video" and track.width for track in MediaInfo.parse(str(path)).tracks)


def text(path: Path) -> bool:
    """Characters, in one of two encodings."""
    content = path.read_bytes()
    try:
        return len(content.decode("utf-8")) > 0
    except UnicodeDecodeError:
        return len(content.decode("gb18030", "replace")) > 0


READERS: dict[str, Callable[[Path], bool]] = {
    ".jpg": picture, ".png": picture, ".docx": word, ".doc": old_word, ".xlsx": table, ".xls": old_table,
    ".pdf": pdf, ".wmv": film, ".mp4": film, ".txt": text,
}  # fmt: skip


def measured(path: Path) -> bool:
    """Whether anything was learned of the file; a reader that raises learned nothing."""
    try:
        return READERS[path.suffix](path)
    except Exception:
        return False


def main(folder: Path, out: Path) -> None:
    """Everything in the folder."""
    begun, seen, learned = time.perf_counter(), Counter[str](), Counter[str]()
    for number, source in enumerate(sorted(folder.glob("*.eml"))):
        mail = email.message_from_bytes(source.read_bytes(), policy=email.policy.default)
        target = out / str(number)
        target.mkdir(parents=True)
        for part in mail.iter_attachments():
            path = target / str(part.get_filename())
            content = part.get_content()
            path.write_bytes(content)
            hashlib.sha256(content).hexdigest()
            paths = [path]
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as archive:
                    archive.extractall(target / "inside")
                paths = sorted((target / "inside").iterdir())
            for each in paths:
                seen[each.suffix] += 1
                learned[each.suffix] += measured(each)
    result = {
        "seconds": time.perf_counter() - begun,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "seen": seen,
        "learned": learned,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
