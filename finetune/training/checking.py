"""Whether what was merged says what the adapter says, and how far the NF4 base and a server change it.

Two things are proved, in fp32 on the bf16 base: the adapter beside its base and the sum of the two choose the same
tokens, and every weight of the merged folder is that sum, rounded to bf16. What rounding then does to the replies, and
the NF4 base, is measured: nothing can be proved about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finetune.training.agreement import Agreement, Reply, agreement, greedy_replies
from finetune.training.finished import FinishedStage
from finetune.training.merging import load_adapted, merged_in_fp32
from taiyi.conversation import Conversation, render
from taiyi.engine.base import Engine
from taiyi.engine.loading import ChatTokenizer, end_ids, load_model, load_tokenizer
from taiyi.engine.local import LocalEngine
from taiyi.errors import InputError, ModelError

BF16_STEP = 2.0**-7  # distance of neighbours, relative to the lower power of two


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison: what was compared, the agreement in words, and whether it is as it must be; None where nothing
    must be."""

    what: str
    told: str
    right: bool | None = None


class Check:
    """The comparisons of one stage, in an order that holds one model in memory at a time.

    `conversations` are the fixed prompts, each answered with up to `max_new_tokens` tokens.
    """

    def __init__(self, stage: FinishedStage, conversations: Sequence[Conversation], max_new_tokens: int) -> None:
        self._stage = stage
        self._conversations = conversations
        self._max_new_tokens = max_new_tokens
        self._tokenizer = load_tokenizer(str(stage.base))
        self._chat = ChatTokenizer(self._tokenizer)

    def run(self, merged: Path, served: Engine | None = None) -> Iterator[Finding]:
        """Finding by finding, as they are made. Raises ModelError or ServerError where a model is not there."""
        yield self._prompts(merged)
        replies, summed, finding = self._adapter()
        yield finding
        yield from self._merged(merged, replies, summed, served)
        if self._stage.settings["method"] == "qlora":
            yield self._nf4(replies)

    def _prompts(self, merged: Path) -> Finding:
        """Both tokenizers must write every prompt with the same ids."""
        other = ChatTokenizer(load_tokenizer(str(merged)))
        same = [render(c, other)[0] == render(c, self._chat)[0] for c in self._conversations]
        told = f"{sum(same)} of {len(same)} prompts have the same token ids"
        return Finding("tokenizer and chat template of base and merged folder", told, all(same))

    def _adapter(self) -> tuple[list[Reply], dict[str, Any], Finding]:
        """The adapter's replies; the weights of the sum, rounded; and whether the sum agrees with the adapter."""
        import torch

        model = load_adapted(self._stage, torch.float32)
        replies = self._replies(model)
        model = merged_in_fp32(model)
        found = self._agreement(model, replies)
        rounded = {name: weight.bfloat16() for name, weight in model.state_dict().items()}
        return replies, rounded, Finding("adapter and its sum with the base, in fp32", in_words(found), found.complete)

    def _merged(
        self, folder: Path, replies: Sequence[Reply], summed: Mapping[str, Any], served: Engine | None
    ) -> Iterator[Finding]:
        import torch

        model = _plain(folder, torch.bfloat16)
        yield _weights(model.state_dict(), summed)
        model = model.float()
        found = self._agreement(model, replies)
        yield Finding("adapter and merged folder, in fp32 (rounding)", in_words(found))
        if served is not None:
            yield self._served(served, self._replies(model))

    def _served(self, served: Engine, replies: Sequence[Reply]) -> Finding:
        """Texts are compared: a server tells no tokens, and does not stop where ours breaks off a loop."""
        theirs = greedy_replies(served, self._chat, self._conversations, self._max_new_tokens)
        same = [_same_text(reply, their.text) for reply, their in zip(replies, theirs, strict=True)]
        told = f"{sum(same)} of {len(same)} replies are the same"
        if not all(same):
            number = same.index(False)
            told += f"; prompt {number + 1}: {replies[number].text!r}, served {theirs[number].text!r}"
        return Finding(f"merged folder and served model ({served.info.name})", told)

    def _nf4(self, replies: Sequence[Reply]) -> Finding:
        what = "adapter on the bf16 and on the NF4 base"
        try:
            model = load_model(str(self._stage.base), adapter=str(self._stage.adapter), quantize="nf4", device="cpu")
        except ModelError as error:
            if error.code != "no_bitsandbytes":
                raise
            return Finding(what, "not compared: bitsandbytes is not installed")
        return Finding(what, in_words(self._agreement(model, replies)))

    def _replies(self, model: Any) -> list[Reply]:
        engine = LocalEngine.around(model, self._tokenizer)
        try:
            return greedy_replies(engine, self._chat, self._conversations, self._max_new_tokens)
        finally:
            engine.close()

    def _agreement(self, model: Any, replies: Sequence[Reply]) -> Agreement:
        return agreement(model, self._tokenizer, replies, end_ids(model, self._tokenizer))


def in_words(found: Agreement) -> str:
    """Counts and shares, and the first difference where there is one."""
    told = (
        f"{found.agreed_replies} of {found.replies} replies, {found.agreed_tokens} of {found.tokens} tokens "
        f"({found.agreed_tokens / max(1, found.tokens):.1%})"
    )
    if found.first is None:
        return told
    first = found.first
    return (
        f"{told}; prompt {first.reply + 1}, after {first.after[-40:]!r}: {first.expected!r}, now {first.found!r} by "
        f"{first.margin:.2g} in logits"
    )


def _same_text(reply: Reply, served: str) -> bool:
    own, other = reply.text.strip(), served.strip()
    return own == other if reply.ended else other.startswith(own)


def _plain(folder: Path, dtype: Any) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).eval()


def _weights(found: Mapping[str, Any], expected: Mapping[str, Any]) -> Finding:
    """Each weight may be one step of bf16 away: another machine may add up the products in another order."""
    what = "weights of the merged folder and the sum, rounded to bf16"
    if found.keys() != expected.keys() or any(found[name].shape != expected[name].shape for name in found):
        odd = min(found.keys() ^ expected.keys(), default="") or "a matrix of another shape"
        return Finding(what, f"not the same weights: {odd}", False)
    for name, weight in found.items():
        apart = (weight.float() - expected[name].float()).abs() > BF16_STEP * expected[name].float().abs()
        if apart.any():
            return Finding(what, f"{name} differs in {int(apart.sum()):,} of {apart.numel():,} numbers", False)
    n = sum({weight.data_ptr(): weight.numel() for weight in found.values()}.values())  # tied ones once
    return Finding(what, f"all {n:,} numbers agree", True)


def check_merged_folder(folder: Path) -> None:
    """Raise InputError unless `folder` holds a model."""
    if not (folder / "config.json").is_file():
        raise InputError(f"There is no merged model in {folder}. Make it with python -m finetune merge, or name it.")
