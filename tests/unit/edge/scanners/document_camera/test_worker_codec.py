import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.links.messages import Decoder, Message, NoMessageError, encode
from edge.ports import Check, Page
from edge.scanners.document_camera.worker_codec import pages_from_parts, pages_to_parts

PAGE = Page(b"j", b"t", 210000, 297000, 300, 250, "a4", (Check("blur", 1.0, 2.0, False, (0.0, 0.1, 0.2, 0.3)),), ("c",))


@given(st.lists(st.binary(max_size=40), max_size=4), st.integers(1, 9))
def test_messages_survive_any_cutting(blobs: list[bytes], step: int) -> None:
    sent = [Message("one", {"n": 1}, tuple(blobs)), Message("two")]
    data, decoder = b"".join(map(encode, sent)), Decoder()
    came = [each for at in range(0, len(data), step) for each in decoder.feed(data[at : at + step])]
    assert came == sent


@given(st.binary(max_size=200))
def test_foreign_bytes_are_refused_or_waited_for(data: bytes) -> None:
    with contextlib.suppress(NoMessageError):
        list(Decoder().feed(data))


def test_pages_survive() -> None:
    message = next(
        Decoder().feed(encode(Message("p", {"pages": pages_to_parts([PAGE])[0]}, pages_to_parts([PAGE])[1])))
    )
    assert pages_from_parts(message.facts["pages"], message.blobs) == (PAGE,)
    with pytest.raises(NoMessageError):
        pages_from_parts(message.facts["pages"], message.blobs[1:])
