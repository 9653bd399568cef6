"""The stages of the recipe, each a function from the data folder and the work folder to files in the work folder."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch

from finetune.data.mixture import read_mixture
from finetune.data.prepare import MANIFEST, Preparation, prepare
from finetune.nano.config import DEFAULT_MIXTURE, NanoConfig
from finetune.nano.data import InstructionBatches, encode, loaded
from finetune.nano.model import build_model, copy_losses
from finetune.nano.pack import RawBatches, pack_texts, save_tokens, write_manifest
from finetune.nano.raw import RAW_SHARE, read_source
from finetune.nano.tokenizer import chars_per_token, load_tokenizer, train_tokenizer
from finetune.nano.train import Batch, StageConfig, TrainingStoppedError, step_of, train
from finetune.overlap import Fingerprints


def raw_texts(config: NanoConfig, data_dir: Path) -> dict[str, tuple[list[str], int]]:
    """Per source its texts and how many leaked ones were dropped."""
    prints = Fingerprints.of_tests(data_dir)

    def leaked(text: str) -> bool:
        return prints.leaked(text, RAW_SHARE) is not None

    return {
        name: read_source(data_dir / "raw" / f"{name}.jsonl.xz", source.max_chars, config.seed, leaked)
        for name, source in config.raw.items()
    }


def make_tokenizer(config: NanoConfig, data_dir: Path, work_dir: Path) -> None:
    """Train the tokenizer and save it in `work_dir/tokenizer`."""
    texts = {name: kept for name, (kept, _) in raw_texts(config, data_dir).items()}
    share = config.tokenizer["share"]
    sample = chain.from_iterable(kept[: int(len(kept) * share) + 1] for kept in texts.values())
    tokenizer = train_tokenizer(sample, config.tokenizer["entries"])
    tokenizer.save_pretrained(work_dir / "tokenizer")
    for name, kept in texts.items():
        unseen = kept[int(len(kept) * share) + 1 :][-50:] or kept[-1:]
        print(f"{name}: {chars_per_token(tokenizer, unseen):.2f} characters a token", file=sys.stderr)


def pack_raw(config: NanoConfig, data_dir: Path, work_dir: Path) -> None:
    """Turn the raw sources into token files in `work_dir/raw`, with a manifest of counts, unless they are there."""
    if (work_dir / "raw" / "manifest.json").is_file():
        return
    tokenizer = load_tokenizer(work_dir / "tokenizer")
    folder = work_dir / "raw"
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {}
    for name, (texts, n_leaked) in raw_texts(config, data_dir).items():
        tokens = pack_texts(texts, tokenizer)
        save_tokens(tokens, folder / f"{name}.npy")
        chars = sum(map(len, texts))
        manifest[name] = {"texts": len(texts), "chars": chars, "tokens": len(tokens), "leaked": n_leaked}
        print(f"{name}: {manifest[name]}", file=sys.stderr)
    write_manifest(folder / "manifest.json", manifest)


def prepare_instructions(config: NanoConfig, data_dir: Path, work_dir: Path) -> None:
    """The instructions of the mixture in `work_dir/instructions`, with their leak report, by `finetune prepare`, unless
    they are there."""
    if (work_dir / "instructions" / MANIFEST).is_file():
        return
    made = Preparation(DEFAULT_MIXTURE, data_dir, work_dir / "instructions", config.seed)
    for line in prepare(made):
        print(line, file=sys.stderr)


def pack_instructions(config: NanoConfig, work_dir: Path) -> None:
    """The instructions as token files in `work_dir/tokens`, with a manifest of counts, unless they are there."""
    if (work_dir / "tokens" / "manifest.json").is_file():
        return
    tokenizer = load_tokenizer(work_dir / "tokenizer")
    counts = encode(work_dir / "instructions", work_dir / "tokens", tokenizer, config.length)
    write_manifest(work_dir / "tokens" / "manifest.json", {corpus: asdict(own) for corpus, own in counts.items()})


def train_stage(
    config: NanoConfig, stage: str, work_dir: Path, *, device: str = "cpu", stop_after: int | None = None
) -> None:
    """A stage of training in `work_dir/<stage>`: on raw text where the stage names no types of instructions.

    Raises TrainingStoppedError where the stage that it starts from has not come to its end, and as `train` does.
    """
    tokenizer = load_tokenizer(work_dir / "tokenizer")
    settings = config.stages[stage]
    probe = copy_probe(work_dir, config.seed)

    def measure(model: Any) -> dict[str, float]:
        first, second = copy_losses(model, probe)
        return {"copy_first": first, "copy_second": second}

    train(
        build_model(config.model, tokenizer, config.seed).to(device),
        settings,
        stage_batches(config, settings, work_dir, tokenizer),
        work_dir / stage,
        start_from=_start(config, settings.start_from, work_dir) if settings.start_from else None,
        measure=measure,
        stop_after=stop_after,
    )


def _start(config: NanoConfig, stage: str, work_dir: Path) -> Path:
    """The last checkpoint of a stage that is done."""
    checkpoint = work_dir / stage / "checkpoint.pt"
    done, wanted = step_of(checkpoint) if checkpoint.exists() else 0, config.stages[stage].steps
    if done < wanted:
        raise TrainingStoppedError(
            f"The stage {stage} stands at step {done} of {wanted} in {work_dir}: train it to its end first, with "
            f"python -m finetune.nano {stage}."
        )
    return checkpoint


def stage_batches(config: NanoConfig, settings: StageConfig, work_dir: Path, tokenizer: Any) -> Callable[[int], Batch]:
    """What a stage learns from at each step: conversations and raw text, or raw text alone where it has no types."""
    raw = raw_batches(config, settings, work_dir, tokenizer)
    if not settings.types:
        return raw
    return InstructionBatches(
        loaded(work_dir / "tokens", read_mixture(DEFAULT_MIXTURE).rows, settings.types),
        sequences=settings.sequences,
        length=settings.length,
        pad=tokenizer.pad_token_id,
        seed=config.seed + settings.order,
        replay=settings.replay,
        raw=raw.row,
    )


def raw_batches(config: NanoConfig, settings: StageConfig, work_dir: Path, tokenizer: Any) -> RawBatches:
    """Sequences of raw text, as a stage wants them."""
    sources = [
        (np.load(work_dir / "raw" / f"{name}.npy", mmap_mode="r"), source.weight) for name, source in config.raw.items()
    ]
    return RawBatches(
        sources,
        tokenizer(";", add_special_tokens=False)["input_ids"],
        sequences=settings.sequences,
        length=settings.length,
        repeated=settings.repeated,
        seed=config.seed,
    )


def copy_probe(work_dir: Path, seed: int, n: int = 16, half: int = 120) -> torch.Tensor:
    """Sequences (n, 2 half) that hold a stretch of raw text twice, half of them Chinese."""
    rng = np.random.default_rng((seed, 2**31))
    rows = []
    for name in ("zh_chinaxiv_biomed_fulltext", "en_rct_abstracts") * (n // 2):
        tokens = np.load(work_dir / "raw" / f"{name}.npy", mmap_mode="r")
        start = int(rng.integers(0, max(len(tokens) - half, 1)))
        rows.append(np.tile(np.asarray(tokens[start : start + half], dtype=np.int64), 2))
    return torch.from_numpy(np.stack(rows))
