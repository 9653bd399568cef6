"""Engines by name; each is imported when chosen."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from taiyi.config import BUNDLED_MODEL
from taiyi.engine.base import Engine

ENGINES = {
    "local": "taiyi.engine.local:LocalEngine",
    "openai": "taiyi.engine.remote:RemoteEngine",
    "vllm": "taiyi.engine.remote:VllmEngine",
    "scripted": "taiyi.engine.scripted:ScriptedEngine",
}


def load_engine(
    model: str, *, adapter: str | None = None, quantize: str | None = None, max_rows: int | None = None
) -> Engine:
    """The engine for a folder, a hub name, or a served model; the bundled one where `model` is empty.

    A served model is `openai:http://HOST:PORT/v1#NAME`, or `vllm:...` for a vLLM server whose structured outputs are
    llguidance's: it then gets the grammars too. `max_rows` is how many streams a local model decodes at once (None is
    the app's number); a server has its own. Raises ModelError in a sentence.
    """
    kind, _, rest = model.partition(":")
    if kind in ("openai", "vllm"):
        return _engine_class(kind)(rest)
    source = model or str(BUNDLED_MODEL)
    return _engine_class("local")(source, adapter=adapter, quantize=quantize, compiled=True, max_rows=max_rows)


def _engine_class(kind: str) -> Callable[..., Engine]:
    module, _, name = ENGINES[kind].partition(":")
    found: Callable[..., Engine] = getattr(import_module(module), name)
    return found
