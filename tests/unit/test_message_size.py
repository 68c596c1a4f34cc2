"""Bodies that grow when they are written again as an event in ASCII."""

import json
from dataclasses import replace

import pytest

from workerless.limits import MAX_BODY_BYTES
from workerless.message import MalformedMessage, read


@pytest.mark.parametrize(
    "text",
    ['"%s"' % ("é" * 50_000), '"%s"' % ("\x7f" * 50_000), f"[{','.join(['1e15'] * 16_000)}]"],
    ids=["letters", "controls", "numbers"],
)
def test_body_that_would_outgrow_its_limit_when_sent_again_is_refused(text: str) -> None:
    body = f'{{"text":{text}}}'
    assert len(body) < MAX_BODY_BYTES / 3

    with pytest.raises(MalformedMessage) as caught:
        read(body, job_type="task", message_id="m-1")

    assert caught.value.reason == "too_large"


@pytest.mark.parametrize("letter", ["e", "é", "語", "\N{GRINNING FACE}", "\x7f"])
@pytest.mark.parametrize("share", [3, 6, 7, 12])
def test_whatever_is_read_can_be_sent_again_and_read(letter: str, share: int) -> None:
    body = json.dumps({"text": letter * (MAX_BODY_BYTES // share - 200)}, ensure_ascii=False)
    body = body.replace("\\u007f", "\x7f")

    try:
        message = read(body, job_type="task", message_id="m-1")
    except MalformedMessage:
        return

    again = read(replace(message, generation=1).body(), job_type="task", message_id="m-2")
    assert again.data == message.data
