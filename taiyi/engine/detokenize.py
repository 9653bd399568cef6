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


def byte_of_char() -> dict[str, int]:
    """The alphabet in which byte-level BPE writes bytes: printable Latin-1 stands for itself, the others are moved
    up from U+0100 in order (GPT-2's table)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    moved = [byte for byte in range(256) if byte not in set(printable)]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + n): byte for n, byte in enumerate(moved)}


class ByteLevelDetokenizer:
    """For byte-level BPE: bytes go through an incremental UTF-8 decoder, so a literal U+FFFD is just a character."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._special = set(tokenizer.all_special_ids)
        self._bytes = byte_of_char()
        self._added = {i: token for i, token in tokenizer.added_tokens_decoder.items() if not token.special}
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def add(self, token: int) -> str:
        if token in self._special:
            return ""
        if token in self._added:
            return self._decoder.decode(self._added[token].content.encode("utf-8"))
        piece = self._tokenizer.convert_ids_to_tokens(token) or ""
        return self._decoder.decode(bytes(self._bytes[char] for char in piece if char in self._bytes))

    def finish(self) -> str:
        return self._decoder.decode(b"", final=True)


class LibraryDetokenizer:
    """For every other tokenizer: the library's own incremental decoder, and at the end whatever it held back."""

    def __init__(self, tokenizer: Any) -> None:
        from tokenizers.decoders import DecodeStream

        self._tokenizer = tokenizer
        self._stream = DecodeStream(skip_special_tokens=True)
        self._ids: list[int] = []
        self._text = ""

    def add(self, token: int) -> str:
        self._ids.append(token)
        piece = self._stream.step(self._tokenizer.backend_tokenizer, token) or ""
        self._text += piece
        return piece

    def finish(self) -> str:
        whole = self._tokenizer.decode(self._ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return whole[len(self._text) :] if whole.startswith(self._text) else ""


def bytes_by_id(tokenizer: Any, n_vocab: int) -> list[bytes]:
    """The bytes that each token stands for; empty for special tokens and for ids that no token has."""
    table = byte_of_char()
    special = set(tokenizer.all_special_ids)
    byte_level = isinstance(detokenizer_for(tokenizer), ByteLevelDetokenizer)
    found = [b""] * n_vocab
    for token, i in tokenizer.get_vocab().items():
        if i >= n_vocab or i in special:
            continue
        if byte_level and all(char in table for char in token):
            found[i] = bytes(table[char] for char in token)
        elif len(token) == 6 and token.startswith("<0x"):
            found[i] = bytes([int(token[3:5], 16)])
        else:
            found[i] = token.replace("\u2581", " ").encode("utf-8")
    return found


def detokenizer_for(tokenizer: Any) -> Detokenizer:
    """The detokenizer that fits a fast tokenizer."""
    decoder = json.loads(tokenizer.backend_tokenizer.to_str()).get("decoder") or {}
    kinds = {decoder.get("type"), *(part.get("type") for part in decoder.get("decoders", ()))}
    return ByteLevelDetokenizer(tokenizer) if kinds == {"ByteLevel"} else LibraryDetokenizer(tokenizer)
