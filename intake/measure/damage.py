"""What reading a damaged file raises, and what is said when nobody foresaw it."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib

from lxml import etree

ZIPPED = (
    KeyError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    etree.LxmlError,
    ValueError,
    struct.error,
)
"""A ZIP of XML parts: a part is missing, the packing is broken or unknown, or the XML is not well-formed."""
BINARY = (OSError, ValueError, KeyError, IndexError, struct.error, TypeError, AttributeError, OverflowError)
"""A binary structure whose numbers point nowhere; foreign readers trip over it in many ways."""
STRANGE = "文件内容异常，无法读出"
