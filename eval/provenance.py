"""What made a run's answers: the models, by name and content, how they decode, and the versions of the libraries."""

from __future__ import annotations

import hashlib
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from taiyi import __version__
from taiyi.assistant import Assistant
from taiyi.engine.base import ModelInfo, SamplingParams

LIBRARIES = ("torch", "transformers", "llguidance", "tokenizers", "numpy", "sacrebleu", "rouge-score", "jieba")
MODEL_FILES = ("*.safetensors", "*.bin", "*.json", "*.yaml", "*.jinja")


def describe(assistant: Assistant, params: SamplingParams) -> dict[str, Any]:
    """What made the answers: the models, by name and content, decoding, and the libraries' versions."""
    info = assistant.engine.info
    specialists = {
        str(getattr(s, "name", "")): _digest(folder)
        for s in assistant.specialists
        if (folder := getattr(s, "folder", None)) is not None
    }
    return {
        "name": info.name,
        "detail": info.detail,
        "revision": revision(info),
        "specialists": specialists,
        "decoding": {
            "temperature": params.temperature,
            "max_new_tokens": params.max_new_tokens,
            "constrained": info.constrained,
            "end_bias": {task: dict(by_lang) for task, by_lang in assistant.card.end_bias.items()},
            "mark_bias": {task: dict(by_lang) for task, by_lang in assistant.card.mark_bias.items()},
            "window_chars": {task: dict(by_lang) for task, by_lang in assistant.card.window_chars.items()},
            "context_tokens": info.context_tokens,
        },
        "versions": _versions(),
    }


def revision(info: ModelInfo) -> str:
    """Which weights these are: the SHA-256 of a folder's files, the commit of a model from the hub, or "served"."""
    if not info.source or info.source.startswith(("http:", "https:")):
        return "served"
    folder = Path(info.source)
    if folder.is_dir():
        return _digest(folder)
    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(info.source, "config.json")
    return Path(config).parent.name if isinstance(config, str | os.PathLike) else "unknown"


def _digest(folder: Path) -> str:
    """SHA-256 over names and contents of the files that make up a model."""
    total = hashlib.sha256()
    for path in sorted({path for pattern in MODEL_FILES for path in folder.glob(pattern)}):
        total.update(path.name.encode())
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


def _versions() -> dict[str, str]:
    found = {"taiyi": __version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
