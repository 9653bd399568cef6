"""What the tests of all tasks need: a judge of grammars without any model, and the strings that break parsers."""

from collections.abc import Callable

import llguidance
import pytest
from hypothesis import strategies as st


@pytest.fixture(scope="session")
def accepts() -> Callable[[str, str], bool]:
    """Whether a reply is complete under a grammar: llguidance over single bytes, one token each."""
    tokenizer = llguidance.LLTokenizer("byte")

    def judge(grammar: str, reply: str) -> bool:
        matcher = llguidance.LLMatcher(tokenizer, llguidance.grammar_from("lark", grammar), log_level=0)
        assert not matcher.is_error(), matcher.get_error()
        ids = list(reply.encode())
        return matcher.try_consume_tokens(ids) == len(ids) and matcher.is_accepting()

    return judge


@pytest.fixture(scope="session")
def odd() -> st.SearchStrategy[str]:
    """Short strings dense in what replies are made of, in both scripts and widths."""
    return st.text(
        alphabet=st.sampled_from(
            "abA1 ,;:|=，；：、()（）[]【】\\\n\r\t\"'{}甲乙肾𠮷İß😀-+.。*#\u200f\u0301\x00\x7f\x85\u2028"
        ),
        max_size=60,
    )
