"""Models and tokenizers from a folder or the hub; what goes wrong is said in one sentence."""

from __future__ import annotations

import json
import logging
import re
import threading
from pathlib import Path
from typing import Any

from taiyi.engine.known import known_models
from taiyi.errors import ModelError

FLOAT32_PARAMETERS = 2_000_000_000  # up to so many a CPU computes in fp32: faster than bf16, twice the memory
ZERO_WIDTH_SPACE = "\u200b"


class ChatTokenizer:
    """A tokenizer whose chat template is always asked not to think aloud first, where it knows of that.

    What a message says can't act as one of the template's own words, say end a turn and speak for the assistant: an
    invisible character is put into each special token that stands in it, so that it is read as text.

    Many threads may use it at once: whether special tokens are split is a state of the library's tokenizer, so that one
    call must end before another begins.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._turn = threading.Lock()
        # Of one character it is a mark that texts have, too: some models pad with `!`.
        special = sorted((s for s in set(tokenizer.all_special_tokens) if len(s) > 1), key=len, reverse=True)
        self._special = re.compile("|".join(map(re.escape, special)) or "(?!)")

    def apply_chat_template(self, messages: list[dict[str, str]], **options: Any) -> Any:
        """See the library's method; templates ignore what they don't know."""
        said = [message | {"content": self._special.sub(_as_text, message["content"])} for message in messages]
        with self._turn:
            return self._tokenizer.apply_chat_template(said, enable_thinking=False, **options)

    def encode(self, text: str) -> list[int]:
        """The ids of a piece of text in which nothing is a special token."""
        with self._turn:
            return list(self._tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True))


def _as_text(special: re.Match[str]) -> str:
    return special[0][0] + ZERO_WIDTH_SPACE + special[0][1:]


def load_tokenizer(source: str) -> Any:
    """The tokenizer of a model. Raises ModelError where there is none or it can't chat."""
    from transformers import AutoTokenizer

    _check_folder(source)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
    except (OSError, ValueError, KeyError, ImportError, AttributeError) as error:
        raise _not_loaded(source, error) from error
    if not getattr(tokenizer, "chat_template", None):
        raise ModelError(
            f"The model {source} has no chat template, so it can't be talked to. Use its chat or instruct version.",
            code="no_chat_template",
            model=source,
        )
    return tokenizer


def load_model(source: str, *, adapter: str | None, quantize: str | None, device: str) -> Any:
    """The model, ready to answer. `quantize` is "nf4" or "int8". Raises ModelError."""
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM

    options: dict[str, Any] = {"device_map": device, "dtype": "auto"}
    if quantize:
        options["quantization_config"] = _quantization(quantize)
    try:
        model = AutoModelForCausalLM.from_pretrained(source, **options)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, AttributeError, SafetensorError) as error:
        raise _not_loaded(source, error) from error
    if not quantize and device == "cpu" and model.num_parameters() <= FLOAT32_PARAMETERS:
        model = model.float()
    if adapter:
        model = _with_adapter(model, adapter)
    return model.eval()


def end_ids(model: Any, tokenizer: Any) -> frozenset[int]:
    """Every id that ends a reply: the tokenizer's and those of the generation settings."""
    configured = getattr(model.generation_config, "eos_token_id", None)
    more = configured if isinstance(configured, list) else [configured]
    return frozenset(i for i in (tokenizer.eos_token_id, *more) if i is not None)


def _check_folder(source: str) -> None:
    path = Path(source).expanduser()
    looks_like_path = path.is_absolute() or source.startswith((".", "~")) or source.count("/") != 1
    if not path.exists():
        if looks_like_path:
            raise ModelError(f"There is no model at {source}. Check the path.", code="model_missing", model=source)
    elif (path / "adapter_config.json").is_file() and not (path / "config.json").is_file():
        raise ModelError(
            f"{source} holds an adapter, not a model. Name the model it was trained on with --model and this folder "
            "with --adapter.",
            code="is_an_adapter",
            model=source,
        )
    elif not (path / "config.json").is_file():
        raise ModelError(
            f"{source} is no model: a model folder holds a config.json, its weights and a tokenizer.",
            code="not_a_model",
            model=source,
        )


def _not_loaded(source: str, error: Exception) -> ModelError:
    known = known_models().get(source)
    if (known and known.loads == "server") or "trust_remote_code" in str(error) or _brings_code(source):
        return ModelError(
            f"The model {source} needs program code of its own, which this app does not run. Serve it with a model "
            "server and load it with --model openai:http://HOST:PORT/v1#NAME.",
            code="needs_own_code",
            model=source,
        )
    if isinstance(error, OSError) and not Path(source).exists():
        return ModelError(
            f"The model {source} is neither a folder on this machine nor could it be fetched from the hub. Check the "
            "name and the network, or give the folder of a downloaded model.",
            code="model_unreachable",
            model=source,
        )
    reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
    return ModelError(
        f"The model {source} could not be loaded: {reason}", code="model_not_loaded", model=source, reason=reason
    )


def _brings_code(source: str) -> bool:
    config = Path(source) / "config.json"
    try:
        return config.is_file() and "auto_map" in json.loads(config.read_text(encoding="utf-8"))
    except ValueError:
        return False


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
        return PeftModel.from_pretrained(model, adapter)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise _not_loaded(adapter, error) from error
