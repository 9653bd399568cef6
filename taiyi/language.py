"""Which of the two languages a text is in."""

from __future__ import annotations

LANGUAGES = ("zh", "en")


def is_cjk(char: str) -> bool:
    """Whether `char` is a Han character (URO, extensions A to H, compatibility)."""
    code = ord(char)
    return (
        0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x323AF
    )


def detect_language(text: str) -> str:
    """ "zh" where Han characters are at least a fifth as many as other letters, else "en".

    A Han character says about as much as a short word, so a Chinese note full of English drug names is still Chinese.
    """
    han = sum(map(is_cjk, text))
    letters = sum(char.isalpha() for char in text) - han
    return "zh" if han and han * 5 >= letters else "en"
