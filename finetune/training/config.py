"""A stage's settings, read from YAML; what is unknown, of the wrong kind or contradicts itself is refused by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass

from taiyi.errors import InputError

_STRICT = ConfigDict(extra="forbid")

AtLeastOne = Annotated[int, Field(ge=1, strict=True)]


@dataclass(frozen=True, slots=True, config=_STRICT)
class LoraSettings:
    """The adapter: paper, "Model training": rank 64, alpha 16, dropout 0.05; adapters on every linear layer."""

    rank: AtLeastOne = 64
    alpha: AtLeastOne = 16
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.05
    targets: Literal["all-linear"] | tuple[str, ...] = "all-linear"


@dataclass(frozen=True, slots=True, config=_STRICT)
class ScoreSettings:
    """What chooses the checkpoint: `sample` examples of part `split` of each of `sets` (eval's names), answered by the
    model in training. `data` is the folder of the corpora, null for TAIYI_DATA; `every` a number of steps or "epoch";
    `choose_by` a set's name or "mean"."""

    sets: Annotated[tuple[str, ...], Field(min_length=1)]
    split: str = "dev"
    sample: AtLeastOne = 50
    data: str | None = None
    every: AtLeastOne | Literal["epoch"] = "epoch"
    choose_by: str = "mean"

    def __post_init__(self) -> None:
        if self.choose_by not in ("mean", *self.sets):
            raise InputError(f"scores.choose_by is {self.choose_by!r}; use mean or one of {', '.join(self.sets)}.")


@dataclass(frozen=True, slots=True, config=_STRICT)
class StageConfig:
    """How one stage is trained; `finetune/configs/stage1.yaml` explains every setting.

    `base` is a model folder or hub name, `data` the folder that `prepare` made, `out` the stage's own folder and
    `start_from` the folder of the finished stage that this one continues.
    """

    base: str
    data: str
    out: str
    types: Annotated[tuple[Literal[1, 2], ...], Field(min_length=1)] = (1,)
    start_from: str | None = None
    method: Literal["qlora", "lora", "full"] = "qlora"
    lora: LoraSettings = field(default_factory=LoraSettings)
    learn_rate: Annotated[float, Field(gt=0)] = 2e-4
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.1
    schedule: Literal["cosine", "linear", "constant_with_warmup"] = "cosine"
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    max_grad_norm: Annotated[float, Field(gt=0)] = 1.0
    epochs: Annotated[float, Field(gt=0)] = 5
    max_steps: AtLeastOne | None = None
    batch_per_device: AtLeastOne = 12
    accumulation: AtLeastOne = 1
    global_batch: AtLeastOne | None = None
    max_length: Annotated[int, Field(ge=16, strict=True)] = 1024
    too_long: Literal["skip", "cut"] = "skip"
    packing: bool = True
    gradient_checkpointing: bool = True
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    seed: Annotated[int, Field(ge=0, strict=True)] = 0
    save_steps: AtLeastOne = 500
    keep: AtLeastOne = 2
    log_steps: AtLeastOne = 10
    scores: ScoreSettings | None = None

    def __post_init__(self) -> None:
        if self.start_from and self.start_from == self.out:
            raise InputError("start_from and out are the same folder; a stage needs one of its own.")

    @property
    def quantization(self) -> str | None:
        """How the frozen base is held: "nf4" under qlora, else as its checkpoint is."""
        return "nf4" if self.method == "qlora" else None

    def to_dict(self) -> dict[str, Any]:
        """The settings as YAML holds them."""
        settings: dict[str, Any] = _plain(asdict(self))
        return settings

    @classmethod
    def load(cls, path: Path, changes: Sequence[str] = ()) -> StageConfig:
        """The settings in `path` with `changes` ("key=value", "lora.rank=8") made to them; folders are made absolute.

        Raises InputError for what cannot be used, with the file's name.
        """
        rows = _read(path)
        for change in changes:
            _change(rows, change)
        try:
            return cls(**rows).resolved()
        except ValidationError as error:
            raise InputError(f"{path}: {_sentence(error)}") from error
        except InputError as error:
            raise InputError(f"{path}: {error}") from error

    def resolved(self) -> StageConfig:
        """The same with absolute folders, so that what is written down holds from anywhere; hub names stay."""
        return replace(
            self,
            base=_absolute(self.base) if Path(self.base).expanduser().is_dir() else self.base,
            data=_absolute(self.data),
            out=_absolute(self.out),
            start_from=self.start_from and _absolute(self.start_from),
        )


def _read(path: Path) -> dict[str, Any]:
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: the settings cannot be read ({error.strerror}).") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: the settings are no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(rows, dict) or not all(isinstance(key, str) for key in rows):
        raise InputError(f"{path}: the settings are no mapping of keys to values.")
    return rows


def _change(rows: dict[str, Any], change: str) -> None:
    """Make one change, "key=value", to nested settings; the value is YAML."""
    name, given, value = change.partition("=")
    if not given:
        raise InputError(f"--set {change} has no value; write --set key=value.")
    *outer, key = name.split(".")
    for part in outer:
        rows[part] = dict(rows.get(part) or {})
        rows = rows[part]
    try:
        rows[key] = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise InputError(f"--set {change}: the value is no YAML.") from error


def _sentence(error: ValidationError) -> str:
    """The first thing that is wrong, with the setting's dotted name."""
    first = error.errors()[0]
    place = [str(part) for part in first["loc"]]
    name = ".".join(place)
    if first["type"] == "unexpected_keyword_argument":
        kind = {"lora": LoraSettings, "scores": ScoreSettings}.get(place[0], StageConfig)
        return f"the setting {name} is not known; known are {', '.join(sorted(item.name for item in fields(kind)))}."
    if first["type"] == "missing":
        return f"the setting {name} is missing."
    return f"the setting {name} is {first['input']!r}: {first['msg']}."


def _absolute(folder: str) -> str:
    return str(Path(folder).expanduser().resolve())


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return list(value) if isinstance(value, tuple) else value
