"""Settings: one frozen dataclass, filled from defaults, a YAML file, the environment and flags, in that order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from taiyi.errors import InputError
from taiyi.language import LANGUAGES

ROOT = Path(__file__).parent.parent
BUNDLED_MODEL = ROOT / "models" / "nano"
BUNDLED_SPECIALISTS = ROOT / "models" / "specialists"
QUANTIZATIONS = ("nf4", "int8")


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run. `model` empty is the bundled one; `host` empty is loopback; `auth` is USER:PASSWORD.

    Raises InputError where a value is outside its range or two contradict each other.
    """

    model: str = ""
    adapter: str = ""
    quantize: str = ""
    host: str = "127.0.0.1"
    port: int = 7860
    share: bool = False
    auth: str = ""
    lang: str = "zh"
    mcp: bool = False

    def __post_init__(self) -> None:
        if self.lang not in LANGUAGES:
            raise InputError(f"The language {self.lang!r} is not known; use one of {', '.join(LANGUAGES)}.")
        if self.quantize and self.quantize not in QUANTIZATIONS:
            raise InputError(f"--quantize {self.quantize!r} is not known; use one of {', '.join(QUANTIZATIONS)}.")
        if not 0 < self.port < 65536:
            raise InputError(f"The port {self.port} does not exist; use one between 1 and 65535.")
        if self.auth and not all(self.auth.partition(":")):
            raise InputError("--auth must be USER:PASSWORD, both non-empty.")
        if self.model.startswith(("openai:", "vllm:")) and (self.adapter or self.quantize):
            raise InputError("--adapter and --quantize act on a local model; a served one is set up by its server.")

    @property
    def credentials(self) -> tuple[str, str] | None:
        """User and password, or None where the page is open."""
        user, colon, password = self.auth.partition(":")
        return (user, password) if colon else None


def load_settings(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """The one merge. `flags` holds only what was given (None is not given); the key `config` names a YAML file.

    The environment speaks as TAIYI_MODEL, TAIYI_PORT and so on; GRADIO_SERVER_NAME and GRADIO_SERVER_PORT, which
    hosted spaces set, stand below these. Raises InputError on an unknown key, named with its place.
    """
    kinds = {item.name: type(item.default) for item in fields(Settings)}
    merged: dict[str, Any] = {}
    path = flags.get("config") or environ.get("TAIYI_CONFIG")
    if path:
        merged |= _read_file(Path(path), kinds)
    outer = {"host": environ.get("GRADIO_SERVER_NAME"), "port": environ.get("GRADIO_SERVER_PORT")}
    for name, kind in kinds.items():
        value = environ.get(f"TAIYI_{name.upper()}") or outer.get(name)
        if value:
            merged[name] = _cast(value, kind, f"the environment's {name}")
    merged |= {name: flags[name] for name in kinds if flags.get(name) is not None}
    return Settings(**merged)


def _read_file(path: Path, kinds: Mapping[str, type]) -> dict[str, Any]:
    if not path.is_file():
        raise InputError(f"The settings file {path} does not exist.")
    row = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    unknown = sorted(set(row) - set(kinds))
    if unknown:
        raise InputError(f"{path}: the setting {unknown[0]!r} is not known; known are {', '.join(sorted(kinds))}.")
    return {name: _cast(str(value), kinds[name], f"{path}: {name}") for name, value in row.items()}


def _cast(value: str, kind: type, what: str) -> Any:
    if kind is bool:
        return value.strip().casefold() in {"1", "true", "yes", "on"}
    try:
        return kind(value)
    except ValueError as error:
        raise InputError(f"{what} is {value!r}; it must be a {kind.__name__}.") from error
