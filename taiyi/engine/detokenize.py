"""Token ids → text in whole characters, as early as they are certain."""

from __future__ import annotations

import codecs
import json
from typing import Any, Protocol


class Detokenizer(Protocol):
    """Law: the texts of all `add` and the final `finish` together are the decoded ids without special tokens."""

    def add(self, token: int) -> str:
        """What the token makes certain; an incomplete code point waits for its last byte."""
        ...

    def finish(self) -> str:
        """What was still held back."""
        ...


class ByteLevelDetokenizer:
    """For byte-level BPE: bytes go through an incremental UTF-8 decoder, so a literal U+FFFD is just a character."""

    def __init__(self, bytes_by_id: list[bytes]) -> None:
        self._bytes_by_id = bytes_by_id
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def add(self, token: int) -> str:
        return self._decoder.decode(self._bytes_by_id[token])

    def finish(self) -> str:
        return self._decoder.decode(b"", final=True)


class WindowDetokenizer:
    """For every other tokenizer: what decoding the last tokens anew adds to decoding those before them.

    Byte tokens (`<0xNN>`) wait until their code point is complete. A run of them that is no UTF-8 breaks the law: the
    library then turns the whole run into U+FFFD, also what was good and has been sent.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._begin, self._read = 0, 0  # decoding starts at the one, what was sent ends at the other
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def add(self, token: int) -> str:
        self._ids.append(token)
        byte = _fallback_byte(self._tokenizer.convert_ids_to_tokens(token) or "")
        if byte is None:
            self._decoder.reset()
            return self._new()
        self._decoder.decode(byte)
        return "" if self._decoder.getstate()[0] else self._new()

    def finish(self) -> str:
        return self._new()

    def _new(self) -> str:
        before, after = self._decoded(self._read), self._decoded(len(self._ids))
        self._begin, self._read = self._read, len(self._ids)
        return after[len(before) :]

    def _decoded(self, end: int) -> str:
        text: str = self._tokenizer.decode(
            self._ids[self._begin : end], skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text


class TokenBytes:
    """A vocabulary as bytes, read once; makes the detokenizer of each reply.

    `by_id` holds what each token stands for: nothing for special tokens and for ids that no token has.
    """

    def __init__(self, tokenizer: Any, n_vocab: int) -> None:
        self._tokenizer = tokenizer
        self._byte_level = _decoder_kinds(tokenizer) == {"ByteLevel"}
        self.by_id = [b""] * n_vocab
        special = set(tokenizer.all_special_ids)
        for token, i in tokenizer.get_vocab().items():
            if i < n_vocab and i not in special:
                self.by_id[i] = self._bytes_of(token)

    def detokenizer(self) -> Detokenizer:
        """A new one, for one reply."""
        return ByteLevelDetokenizer(self.by_id) if self._byte_level else WindowDetokenizer(self._tokenizer)

    def _bytes_of(self, token: str) -> bytes:
        if self._byte_level and all(char in BYTE_OF_CHAR for char in token):
            return bytes(BYTE_OF_CHAR[char] for char in token)
        if self._byte_level:  # a token added as it stands
            return token.encode("utf-8")
        return _fallback_byte(token) or token.replace("\u2581", " ").encode("utf-8")


def _byte_alphabet() -> dict[str, int]:
    """The alphabet in which byte-level BPE writes bytes: printable Latin-1 stands for itself, the others are moved
    up from U+0100 in order (GPT-2's table)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    moved = [byte for byte in range(256) if byte not in set(printable)]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + n): byte for n, byte in enumerate(moved)}


BYTE_OF_CHAR = _byte_alphabet()


def _fallback_byte(token: str) -> bytes | None:
    """The byte that a token of the form `<0xNN>` stands for."""
    if len(token) == 6 and token.startswith("<0x") and token.endswith(">"):
        return bytes([int(token[3:5], 16)])
    return None


def _decoder_kinds(tokenizer: Any) -> set[str]:
    """The types of the library's decoding steps; empty where it is no fast tokenizer or has none."""
    decoder = getattr(getattr(tokenizer, "backend_tokenizer", None), "decoder", None)
    if decoder is None:
        return set()
    row = json.loads(decoder.__getstate__())
    return {part["type"] for part in row.get("decoders", [row])}
