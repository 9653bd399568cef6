"""A stage's settings: one frozen dataclass, read from YAML, with what contradicts itself refused at construction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

import yaml

from taiyi.errors import InputError

METHODS = ("qlora", "lora", "full")
PRECISIONS = ("auto", "bf16", "fp32")
TOO_LONG = ("skip", "cut")
SCHEDULES = ("cosine", "linear", "constant")


@dataclass(frozen=True, slots=True)
class LoraSettings:
    """The adapter: paper, "Model training": rank 64, alpha 16, dropout 0.05; adapters on every linear layer."""

    rank: int = 64
    alpha: int = 16
    dropout: float = 0.05
    targets: str | tuple[str, ...] = "all-linear"


@dataclass(frozen=True, slots=True)
class ScoreSettings:
    """Which test sets' other parts choose the checkpoint: `sample` examples of `split` of each of `sets` (eval's names),
    answered by the model in training. `data` is the folder of the corpora, null for TAIYI_DATA; `every` a number of
    steps or "epoch"; `choose_by` a set's name or "mean"."""

    sets: tuple[str, ...]
    split: str = "dev"
    sample: int = 50
    data: str | None = None
    every: int | Literal["epoch"] = "epoch"
    choose_by: str = "mean"

    def __post_init__(self) -> None:
        if not self.sets:
            raise InputError("scores.sets names no set; name some, or write `scores: null` to choose by loss.")
        if self.choose_by not in ("mean", *self.sets):
            raise InputError(f"scores.choose_by is {self.choose_by!r}; use mean or one of {', '.join(self.sets)}.")
        if self.every != "epoch" and not _at_least(self.every, 1):
            raise InputError(f"scores.every is {self.every!r}; use a number of steps, or epoch.")
        if not _at_least(self.sample, 1):
            raise InputError(f"scores.sample is {self.sample!r}; ask for one example or more.")


@dataclass(frozen=True, slots=True)
class StageConfig:
    """How one stage is trained. `finetune/configs/stage1.yaml` explains every setting.

    `base` is a model folder or hub name, `data` the folder that `prepare` made, `out` the stage's own folder and
    `start_from` the folder of the finished stage that this one continues.
    """

    base: str
    data: str
    out: str
    types: tuple[int, ...] = (1,)
    start_from: str | None = None
    method: str = "qlora"
    lora: LoraSettings = field(default_factory=LoraSettings)
    learn_rate: float = 2e-4
    warmup: float = 0.1
    schedule: str = "cosine"
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    epochs: float = 5
    max_steps: int | None = None
    batch_per_device: int = 12
    accumulation: int = 1
    global_batch: int | None = None
    max_length: int = 1024
    too_long: str = "skip"
    packing: bool = True
    gradient_checkpointing: bool = True
    precision: str = "auto"
    seed: int = 0
    save_steps: int = 500
    keep: int = 2
    log_steps: int = 10
    scores: ScoreSettings | None = None

    def __post_init__(self) -> None:
        for name, allowed in (
            ("method", METHODS),
            ("precision", PRECISIONS),
            ("too_long", TOO_LONG),
            ("schedule", SCHEDULES),
        ):
            if getattr(self, name) not in allowed:
                raise InputError(f"{name} is {getattr(self, name)!r}; use one of {', '.join(allowed)}.")
        if not self.types or not set(self.types) <= {1, 2}:
            raise InputError(f"types is {list(self.types)}; use [1], [2] or [1, 2].")
        for name in ("batch_per_device", "accumulation", "save_steps", "keep", "log_steps"):
            if not _at_least(getattr(self, name), 1):
                raise InputError(f"{name} is {getattr(self, name)!r}; give a whole number of 1 or more.")
        if not _at_least(self.max_length, 16):
            raise InputError(f"max_length is {self.max_length!r}; give a number of tokens, 16 or more.")
        if self.max_steps is not None and not _at_least(self.max_steps, 1):
            raise InputError(f"max_steps is {self.max_steps!r}; give 1 or more, or null to train for `epochs`.")
        if not (self.epochs > 0 and self.learn_rate > 0 and 0 <= self.warmup < 1):
            raise InputError("epochs and learn_rate must be above 0, and warmup a share of the steps, below 1.")

    @property
    def quantization(self) -> str | None:
        """How the frozen base is held: "nf4" under qlora, else as its checkpoint is."""
        return "nf4" if self.method == "qlora" else None

    def to_dict(self) -> dict[str, Any]:
        """The settings as YAML holds them."""
        return _plain(asdict(self))

    @classmethod
    def load(cls, path: Path, changes: Sequence[str] = ()) -> StageConfig:
        """The settings in `path` with `changes` ("key=value", "lora.rank=8") made to them; paths are made absolute.

        Raises InputError for what is not known, missing or of the wrong kind, with the file's name.
        """
        try:
            rows = yaml.safe_load(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(f"{path}: the settings cannot be read ({error.strerror}).") from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: the settings are no YAML: {str(error).replace(chr(10), ' ')}") from error
        if not isinstance(rows, dict):
            raise InputError(f"{path}: the settings are no mapping of keys to values.")
        for change in changes:
            _change(rows, change)
        try:
            return _build(cls, rows, "").resolved()
        except InputError as error:
            raise InputError(f"{path}: {error}") from error

    def resolved(self) -> StageConfig:
        """The same with absolute folders, so that what is written down holds from anywhere; hub names stay."""
        base = Path(self.base).expanduser()
        return replace(
            self,
            base=str(base.resolve()) if base.is_dir() else self.base,
            data=str(Path(self.data).expanduser().resolve()),
            out=str(Path(self.out).expanduser().resolve()),
            start_from=self.start_from and str(Path(self.start_from).expanduser().resolve()),
        )


_NESTED: Mapping[str, type] = {"lora": LoraSettings, "scores": ScoreSettings}
_KINDS: Mapping[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "str": (str,),
}


def _build(kind: type, rows: Mapping[str, Any], prefix: str) -> Any:
    """`kind` from its mapping, with names and kinds of values checked."""
    known = {item.name: item for item in fields(kind)}
    for key in rows:
        if key not in known:
            raise InputError(f"the setting {prefix}{key} is not known; known are {', '.join(sorted(known))}.")
    missing = [name for name, item in known.items() if name not in rows and _needed(item)]
    if missing:
        raise InputError(f"the setting {prefix}{missing[0]} is missing.")
    return kind(**{key: _value(known[key], value, prefix) for key, value in rows.items()})


def _value(item: Field[Any], value: Any, prefix: str) -> Any:
    name = f"{prefix}{item.name}"
    if value is None and "None" in str(item.type):
        return None
    if item.name in _NESTED:
        if not isinstance(value, dict):
            raise InputError(f"{name} is no mapping of settings.")
        return _build(_NESTED[item.name], value, f"{name}.")
    if isinstance(value, list):
        value = tuple(value)
    if isinstance(value, tuple) and "tuple" in str(item.type):
        return value
    wanted = str(item.type).split(" | ")[0]
    kinds = _KINDS.get(wanted)
    # YAML reads 2e-4 as text: its floats need a dot.
    if wanted == "float" and isinstance(value, str):
        value = _as_number(value)
    if kinds and (not isinstance(value, kinds) or (wanted != "bool" and isinstance(value, bool))) and value != "epoch":
        raise InputError(f"{name} is {value!r}, which is no {wanted}.")
    if kinds is None and not isinstance(value, str):
        raise InputError(f"{name} is {value!r}, which is no {item.type}.")
    return float(value) if wanted == "float" else value


def _as_number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _needed(item: Field[Any]) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def _change(rows: dict[str, Any], change: str) -> None:
    """Set one "key=value" in nested settings; the value is YAML."""
    name, given, value = change.partition("=")
    if not given:
        raise InputError(f"--set {change} has no value; write --set key=value.")
    *outer, key = name.split(".")
    for part in outer:
        if not isinstance(rows.get(part), dict):
            rows[part] = {}
        rows = rows[part]
    try:
        rows[key] = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise InputError(f"--set {change}: the value is no YAML.") from error


def _at_least(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return list(value) if isinstance(value, tuple) else value
