"""The typesetter's process: facts come on stdin, papers go out on stdout, one at a time; nothing touches the disk."""

from __future__ import annotations

import os
import resource
import sys
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from edge.errors import LayoutRefusedError
from edge.links.messages import Decoder, Message, NoMessageError, encode
from edge.printers.layouts.fonts import load_faces
from edge.printers.layouts.received import pages_of
from edge.printers.layouts.typeset import Typesetter

_CHUNK = 1 << 16
MOST_MEMORY = 2 << 30


def answer(setter: Typesetter, asked: Message) -> Message:
    """Return the paper that a message asks for, or why there is none."""
    facts = asked.facts
    try:
        if asked.kind == "pdf":
            made = setter.pdf(facts["layout"], facts["facts"], datetime.fromisoformat(facts["at"]))
            return Message("pdf", {}, (made,))
        if asked.kind == "archive_copy":
            made = setter.archive_copy(asked.blobs[0], facts["facts"], datetime.fromisoformat(facts["at"]))
            return Message("pdf", {}, (made,))
        if asked.kind == "png":
            pages = setter.png(facts["layout"], facts["facts"], facts["specimen"], facts["dpi"])
            return Message("png", {}, tuple(pages))
        if asked.kind == "pdf_png":
            return Message("png", {}, tuple(pages_of(asked.blobs[0], facts["dpi"])))
        dots = setter.dots(facts["layout"], facts["facts"])
        return Message("dots", {"width": dots.width, "rows": dots.rows}, (dots.bits,))
    except LayoutRefusedError as error:
        return Message("refused", {"reason": error.reason, "where": error.where})


def serve(setter: Typesetter, asked: BinaryIO, told: BinaryIO) -> None:
    """Answer until the questions end."""
    decoder = Decoder()
    while data := os.read(asked.fileno(), _CHUNK):
        for message in decoder.feed(data):
            told.write(encode(answer(setter, message)))
            told.flush()


def main() -> None:
    """`python -m edge.printers.layouts.worker [FOLDER OF FONTS]`."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    own = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    try:
        serve(Typesetter(load_faces(own)), sys.stdin.buffer, sys.stdout.buffer)
    except (NoMessageError, BrokenPipeError):
        sys.exit(1)


if __name__ == "__main__":
    main()
