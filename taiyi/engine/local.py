"""A transformers model on this machine: a folder or a hub name, with an adapter or quantized where asked."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from taiyi.conversation import Conversation, render
from taiyi.engine.base import Chunk, ModelInfo, SamplingParams
from taiyi.errors import EngineError, Issue, ModelError

MIN_REPLY_TOKENS = 16  # a prompt must leave room for at least so many
DEFAULT_CONTEXT = 4096


class LocalEngine:
    """One model in this process. Streams share its steps; see `decode`."""

    def __init__(
        self, source: str, *, adapter: str | None = None, quantize: str | None = None, device: str | None = None
    ) -> None:
        import torch

        from taiyi.engine.constrain import ConstraintFactory
        from taiyi.engine.decode import DecodeLoop

        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self._tokenizer = _load_tokenizer(source)
        model = _load_model(source, adapter, quantize, device)
        self._end_ids = _end_ids(model, self._tokenizer)
        constrained = bool(getattr(self._tokenizer, "is_fast", False))
        self._constraints = (
            ConstraintFactory(self._tokenizer, model.config.vocab_size, self._end_ids) if constrained else None
        )
        context = getattr(model.config, "max_position_embeddings", None) or DEFAULT_CONTEXT
        detail = ", ".join(filter(None, (quantize, f"adapter {Path(adapter).name}" if adapter else None, device)))
        self._info = ModelInfo(
            Path(source).name, sum(p.numel() for p in model.parameters()), context, constrained, source, detail
        )
        self._loop = DecodeLoop(model)

    @property
    def info(self) -> ModelInfo:
        return self._info

    def stream(
        self,
        conversation: Conversation,
        params: SamplingParams,
        grammar: str | None = None,
        cancel: threading.Event | None = None,
    ) -> Iterator[Chunk]:
        """See Engine. Raises GrammarError, QueueFullError and EngineError."""
        from taiyi.engine.decode import Row
        from taiyi.engine.detokenize import detokenizer_for

        prompt, issues = self._fitted(conversation, params)
        room = self._info.context_tokens - len(prompt)
        if params.max_new_tokens > room:
            params = replace(params, max_new_tokens=room)
        constraint = None
        if grammar and self._constraints:
            constraint = self._constraints.make(grammar, distinct_items=params.distinct_items)
        row = Row(
            prompt,
            params,
            detokenizer_for(self._tokenizer),
            constraint,
            cancel or threading.Event(),
            self._end_ids,
        )
        if issues:
            yield Chunk(issues=issues)
        yield from self._loop.stream(row)

    def count_tokens(self, conversation: Conversation) -> int:
        """Tokens of the prompt, chat template included."""
        return len(render(conversation, self._tokenizer)[0])

    def waiting(self) -> int:
        """Requests that have not started."""
        return self._loop.waiting()

    def close(self) -> None:
        """Stop the loop and let the model go."""
        self._loop.close()

    def _fitted(self, conversation: Conversation, params: SamplingParams) -> tuple[list[int], tuple[Issue, ...]]:
        """Prompt ids with whole turns dropped from the oldest until they fit, never the system prompt."""
        room = self._info.context_tokens - min(params.max_new_tokens, self._info.context_tokens // 4)
        messages = list(conversation.messages)
        first = 1 if messages and messages[0].role == "system" else 0
        ids = render(conversation, self._tokenizer)[0]
        n_dropped = 0
        while len(ids) > room and len(messages) - first > 1:
            del messages[first]
            while len(messages) - first > 1 and messages[first].role != "user":
                del messages[first]
            n_dropped += 1
            ids = render(Conversation(tuple(messages)), self._tokenizer)[0]
        if len(ids) > self._info.context_tokens - MIN_REPLY_TOKENS:
            raise EngineError(
                f"The request takes {len(ids)} tokens; the model reads at most {self._info.context_tokens} "
                "with its reply. Shorten the text.",
                code="prompt_too_long",
                length=len(ids),
                limit=self._info.context_tokens,
            )
        return ids, (Issue("history_trimmed", str(n_dropped)),) if n_dropped else ()


def _load_tokenizer(source: str) -> Any:
    from transformers import AutoTokenizer

    _check_folder(source)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise _not_loaded(source, error) from error
    if not getattr(tokenizer, "chat_template", None):
        raise ModelError(
            f"The model {source} has no chat template; it can't be talked to. Use its chat or instruct version.",
            code="no_chat_template",
            model=source,
        )
    return tokenizer


def _check_folder(source: str) -> None:
    path = Path(source)
    looks_like_path = path.is_absolute() or source.startswith((".", "~")) or source.count("/") > 1
    if path.exists():
        if not (path / "config.json").is_file():
            raise ModelError(
                f"{source} is no model: a model folder holds a config.json, its weights and a tokenizer.",
                code="not_a_model",
                model=source,
            )
    elif looks_like_path:
        raise ModelError(f"There is no model at {source}. Check the path.", code="model_missing", model=source)


def _not_loaded(source: str, error: Exception) -> ModelError:
    reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
    return ModelError(
        f"The model {source} could not be loaded: {reason}", code="model_not_loaded", model=source, reason=reason
    )


def _load_model(source: str, adapter: str | None, quantize: str | None, device: str) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    options: dict[str, Any] = {"device_map": device}
    if quantize:
        options["quantization_config"] = _quantization(quantize)
    elif device == "cpu":
        options["dtype"] = torch.float32  # faster than bf16 at one token a step on CPUs tried
    try:
        model = AutoModelForCausalLM.from_pretrained(source, **options)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        raise _not_loaded(source, error) from error
    if adapter:
        model = _with_adapter(model, adapter)
    return model.eval()


def _quantization(quantize: str) -> Any:
    import torch

    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    try:
        import bitsandbytes  # noqa: F401
    except ImportError as error:
        raise ModelError(
            "--quantize needs the package bitsandbytes, which is not installed here (pip install bitsandbytes).",
            code="no_bitsandbytes",
        ) from error
    from transformers import BitsAndBytesConfig

    if quantize == "int8":
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def _with_adapter(model: Any, adapter: str) -> Any:
    if not (Path(adapter) / "adapter_config.json").is_file():
        raise ModelError(
            f"{adapter} is no adapter: its folder holds an adapter_config.json.", code="not_an_adapter", adapter=adapter
        )
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(model, os.fspath(adapter))
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise _not_loaded(adapter, error) from error


def _end_ids(model: Any, tokenizer: Any) -> frozenset[int]:
    """Every id that ends a reply: the tokenizer's and those of the generation settings."""
    configured = getattr(model.generation_config, "eos_token_id", None)
    more = configured if isinstance(configured, list) else [configured]
    return frozenset(i for i in (tokenizer.eos_token_id, *more) if i is not None)
