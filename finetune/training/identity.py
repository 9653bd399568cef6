"""Which base an adapter was trained on: hashes of what it must be merged into, and loaded with, again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from taiyi.errors import ModelError

PARTS: dict[str, tuple[str, ...]] = {
    "config": ("config.json",),
    "weights": ("*.safetensors", "pytorch_model*.bin"),
    "tokenizer": ("tokenizer.json", "tokenizer.model", "vocab.json", "merges.txt", "chat_template.jinja"),
}


def base_folder(source: str) -> Path:
    """The folder of a model: itself, or where the hub's cache keeps it. Raises ModelError where it is in neither."""
    folder = Path(source)
    if (folder / "config.json").is_file():
        return folder
    if not folder.is_absolute() and source.count("/") == 1:
        from huggingface_hub import try_to_load_from_cache

        cached = try_to_load_from_cache(source, "config.json")
        if isinstance(cached, str):
            return Path(cached).parent
    raise ModelError(
        f"The base model {source} is not there (no config.json, nor is it in the hub's cache). Put it back, or name "
        "where it is now with --base.",
        code="base_missing",
    )


def base_identity(source: str) -> dict[str, str]:
    """SHA-256 over the files of each of `PARTS`, names and contents, in the order of the names."""
    folder = base_folder(source)
    return {part: _digest(folder, patterns) for part, patterns in PARTS.items()}


def quantized_by(source: str) -> str:
    """The quantization that a base's own weights are stored in ("bitsandbytes", "gptq", ...); empty for plain ones."""
    config = json.loads((base_folder(source) / "config.json").read_text(encoding="utf-8"))
    return str(config.get("quantization_config", {}).get("quant_method", ""))


def _digest(folder: Path, patterns: tuple[str, ...]) -> str:
    total = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern)}):
        total.update(path.name.encode())
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()
