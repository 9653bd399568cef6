"""Overlap with test texts by n-grams, on texts of numbered words so that shares can be worked out."""

from __future__ import annotations

import pytest

from finetune.data.ngrams import N_HAN, N_WORDS, Leak, TextIndex, ngram_hashes


def words(first: int, last: int) -> str:
    """The words `w<first>` to `w<last>`."""
    return " ".join(f"w{n}" for n in range(first, last + 1))


def characters(first: int, count: int) -> str:
    """`count` different Chinese characters."""
    return "".join(chr(0x4E00 + first + n) for n in range(count))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (words(1, N_WORDS - 1), 0),
        (words(1, N_WORDS), 1),
        (words(1, 20), 8),
        (characters(0, N_HAN - 1), 0),
        (characters(0, N_HAN), 1),
        (characters(0, 40) + " COX-2 抑制剂", 16),
        (" ".join(["again"] * 40), 1),
        ("", 0),
    ],
)
def test_an_ngram_is_thirteen_words_or_thirty_chinese_characters(text: str, count: int) -> None:
    """Repeated ones count once; the mixed text has 40 characters, `cox`, `2` and three more: 45 - 30 + 1."""
    assert len(ngram_hashes(text)) == count


def test_case_width_and_punctuation_do_not_matter() -> None:
    plain = ngram_hashes("the use of aspirin in 12 patients with heart failure was followed for years")
    written = ngram_hashes("The use of ＡＳＰＩＲＩＮ in １２ patients (with heart failure) was followed, for years.")
    assert plain.tolist() == written.tolist()
    assert len(plain) == 2


def test_a_text_that_is_a_test_text_but_for_its_marks_is_found_however_short() -> None:
    index = TextIndex({"kuake-qic": ["胃癌能治吗？"]})
    assert index.find("胃癌能治吗") == Leak("kuake-qic", 1.0, "same text")
    assert index.find("肺癌能治吗") is None
    assert index.find("？") is None


@pytest.mark.parametrize(
    ("text", "leak"),
    [
        (words(1, 32) + " " + words(201, 280), Leak("a", 0.2, "n-grams")),  # 20 of its 100 n-grams
        (words(1, 31) + " " + words(201, 281), None),  # 19 of 100
        (words(101, 130), Leak("b", 1.0, "n-grams")),  # 18 of 18
        (words(1, 12) + " " + words(101, 112), None),  # no whole n-gram
    ],
)
def test_a_fifth_of_a_text_s_ngrams_makes_a_leak(text: str, leak: Leak | None) -> None:
    """Set a holds words 1 to 100 (88 n-grams), set b 101 to 200."""
    assert TextIndex({"a": [words(1, 100)], "b": [words(101, 200)]}).find(text) == leak


@pytest.mark.parametrize(
    ("last", "share"),
    [(32, None), (56, 0.5), (55, None), (100, 1.0)],
)
def test_half_of_a_test_text_in_an_article_makes_a_leak(last: int, share: float | None) -> None:
    """The test text has 88 n-grams, an article of 5,000 words its first `last` - 12: 44 of them at 56."""
    article = words(1, last) + " " + words(1001, 6000)
    found = TextIndex({"a": [words(1, 100)]}).find(article)
    assert (found.share if found else None) == share


def test_a_sentence_that_an_article_shares_with_a_test_set_is_no_leak() -> None:
    """19 n-grams: one too few to count as a text."""
    assert TextIndex({"hoc": [words(1, 31)]}).find(words(1, 31) + " " + words(1001, 2000)) is None
    assert TextIndex({"hoc": [words(1, 32)]}).find(words(1, 32) + " " + words(1001, 2000)) is not None


def test_an_index_of_nothing_finds_nothing() -> None:
    assert TextIndex({}).find(words(1, 50)) is None
