"""Text comes out in whole characters, at once, and all of it together is what the tokenizer decodes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from taiyi.engine.detokenize import TokenBytes
from tests.taiyi.engine.conftest import make_tokenizer

TOKENIZER = make_tokenizer("qwen3")
BYTES = TokenBytes(TOKENIZER, len(TOKENIZER))


def pieces(text: str) -> list[str]:
    detokenizer = BYTES.detokenizer()
    found = [detokenizer.add(i) for i in TOKENIZER(text, add_special_tokens=False)["input_ids"]]
    return [*found, detokenizer.finish()]


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_the_pieces_together_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


def test_no_piece_holds_half_a_character() -> None:
    """𠮷 takes four bytes and İ two; this vocabulary has neither, so they come byte by byte."""
    for piece in pieces("注射𠮷素 İL-2 后🩺"):
        assert "\ufffd" not in piece


def test_a_literal_replacement_character_is_not_waited_on() -> None:
    """The sign itself comes with its last byte, not with the character after it."""
    detokenizer = BYTES.detokenizer()
    out = [detokenizer.add(i) for i in TOKENIZER("\ufffd", add_special_tokens=False)["input_ids"]]
    assert "".join(out) == "\ufffd"


def test_bytes_that_are_no_character_become_one_sign_at_the_end() -> None:
    table = {piece: i for i, piece in enumerate(BYTES.by_id)}
    detokenizer = BYTES.detokenizer()
    assert detokenizer.add(table[b"\xe6"]) == ""
    assert detokenizer.finish() == "\ufffd"


def test_a_tokenizer_with_byte_fallback_streams_whole_characters_too() -> None:
    """SentencePiece's form: blanks as ▁, unknown characters as <0xNN>."""
    from tokenizers import Tokenizer, decoders, models
    from transformers import PreTrainedTokenizerFast

    vocab = {"<unk>": 0} | {f"<0x{n:02X}>": n + 1 for n in range(256)} | {"▁咳": 257, "嗽": 258, "▁": 259}
    plain = Tokenizer(models.BPE(vocab=vocab, merges=[], unk_token="<unk>", byte_fallback=True))
    plain.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=plain)
    ids = [257, 258, *(byte + 1 for byte in "𠮷".encode()), 259, 258]
    detokenizer = TokenBytes(tokenizer, len(tokenizer)).detokenizer()
    out = [detokenizer.add(i) for i in ids]
    assert "".join(out) + detokenizer.finish() == tokenizer.decode(ids)
    assert not any("\ufffd" in piece for piece in out)
