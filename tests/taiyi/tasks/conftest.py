"""What the tests of all tasks need: a judge of grammars, without any model."""

from collections.abc import Callable

import llguidance
import pytest


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
