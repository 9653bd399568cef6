"""The forms of instruction files that the linter reads, ours and those of others, as one list of turns.

    {"id", "corpus", "task", "lang", "type", "template", "messages", "request"}    ours: all checks
    {"messages": [{"role": "user", "content": "..."}, ...]}                        chat: checks that need no request
    {"conversations": [{"from": "human", "value": "..."}, ...]}                    ShareGPT: the same
    {"instruction": "...", "input": "...", "output": "..."}                        Alpaca: the same
    {"prompt": "...", "completion": "..."}                                         pairs: the same

MOSS's own forms (`chat`, `plain_text`) are read by `prepare`; lint what it wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taiyi.errors import InputError

_SHAREGPT_ROLES = {"human": "user", "gpt": "assistant", "bing": "assistant", "chatgpt": "assistant"}
_MOSS = ("chat", "plain_text")


def is_ours(row: Mapping[str, Any]) -> bool:
    """Whether a line is an instruction as `prepare` writes it, or one that lacks a key."""
    return "messages" in row and ("request" in row or "task" in row)


def turns_of(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The turns of a line in any of the forms, as {"role", "content"}, not checked yet. Raises InputError."""
    if isinstance(row.get("messages"), list):
        return [dict(turn) if isinstance(turn, dict) else {} for turn in row["messages"]]
    if isinstance(row.get("conversations"), list):
        return [_sharegpt(turn) for turn in row["conversations"]]
    if "instruction" in row and "output" in row:
        return _alpaca(row["instruction"], row.get("input") or "", row["output"])
    if "prompt" in row and "completion" in row:
        return _pair(row["prompt"], row["completion"])
    if any(key in row for key in _MOSS):
        raise InputError("MOSS's form is not linted; run prepare on it and lint what it wrote")
    raise InputError(f"the line is in no form that is known; it has {', '.join(sorted(row)[:8]) or 'no keys'}")


def _sharegpt(turn: Any) -> dict[str, Any]:
    if not isinstance(turn, dict):
        return {}
    role = turn.get("from", turn.get("role"))
    return _turn(
        _SHAREGPT_ROLES.get(role, role) if isinstance(role, str) else role, turn.get("value", turn.get("content"))
    )


def _alpaca(instruction: Any, given: Any, reply: Any) -> list[dict[str, Any]]:
    both = isinstance(instruction, str) and isinstance(given, str)
    return _pair("\n".join(filter(None, (instruction, given))) if both else None, reply)


def _pair(asked: Any, reply: Any) -> list[dict[str, Any]]:
    return [_turn("user", asked), _turn("assistant", reply)]


def _turn(role: Any, content: Any) -> dict[str, Any]:
    return {"role": role, "content": content}
