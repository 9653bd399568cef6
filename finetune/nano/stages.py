"""The stages of the recipe, each a function from the data folder and the work folder to files in the work folder."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch

from finetune.nano.config import NanoConfig, load_mixture
from finetune.nano.data import InstructionBatches, encode, loaded, questions, training_examples
from finetune.nano.model import build_model, copy_losses
from finetune.nano.pack import RawBatches, pack_texts, save_tokens, write_manifest
from finetune.nano.raw import RAW_SHARE, read_source
from finetune.nano.tokenizer import chars_per_token, load_tokenizer, train_tokenizer
from finetune.nano.train import StageConfig, train
from finetune.overlap import Fingerprints
from taiyi.corpora import read_corpus
from taiyi.corpora.parts import normal_form

REPORTED = ("bc5cdr",)  # corpora whose own development part is reported on


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
    """Turn the raw sources into token files in `work_dir/raw`, with a manifest of counts."""
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


def train_base(config: NanoConfig, work_dir: Path) -> None:
    """Base training on raw text, in `work_dir/base`."""
    tokenizer = load_tokenizer(work_dir / "tokenizer")
    batches = raw_batches(config, work_dir, tokenizer)
    model = build_model(config.model, tokenizer, config.seed)
    twice = copy_probe(work_dir, config.seed)

    def measure(model: Any) -> dict[str, float]:
        first, second = copy_losses(model, twice)
        return {"copy_first": first, "copy_second": second}

    train(model, config.base, batches, work_dir / "base", measure=measure)


def leak_check(data_dir: Path) -> Callable[[str], bool]:
    """Whether an annotated text stands in a test set, or in a development part that is reported on here.

    Test sets are known by their fingerprints; development documents by how they begin, title included.
    """
    prints = Fingerprints.of_tests(data_dir)
    reported = {_beginning(example.gold.text) for name in REPORTED for example in read_corpus(name, "dev", data_dir)}

    def leaked(text: str) -> bool:
        return _beginning(text) in reported or prints.leaked(text) is not None

    return leaked


def _beginning(text: str) -> str:
    return normal_form(text)[:80]


def encode_stage(config: NanoConfig, stage: str, data_dir: Path, work_dir: Path) -> None:
    """The corpora of a stage as token files in `work_dir/instructions`, with a manifest of counts."""
    tokenizer = load_tokenizer(work_dir / "tokenizer")
    leaked = leak_check(data_dir)
    folder = work_dir / "instructions"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stage}.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name, use in load_mixture()[stage].items():
        if (folder / f"{name}.npz").exists():
            continue
        examples, n_leaked = training_examples(name, use, data_dir, leaked)
        rng = random.Random(f"{config.seed}:{name}")
        encoded = encode(questions(examples, use, rng), tokenizer, getattr(config, stage).length)
        encoded.save(folder / f"{name}.npz")
        row = {"texts": len(examples), "leaked": n_leaked, "examples": len(encoded), "tokens": len(encoded.ids)}
        manifest[name] = row | {"learnt": int(encoded.mask.sum())}
        write_manifest(path, manifest)
        print(f"{name}: {manifest[name]}", file=sys.stderr)


def train_stage(config: NanoConfig, stage: str, start_from: str, work_dir: Path, stop_after: int | None = None) -> None:
    """Instruction training in `work_dir/<stage>`, from the weights of the stage `start_from`."""
    tokenizer = load_tokenizer(work_dir / "tokenizer")
    settings: StageConfig = getattr(config, stage)
    batches = InstructionBatches(
        loaded(work_dir / "instructions", load_mixture()[stage]),
        sequences=settings.sequences,
        length=settings.length,
        pad=tokenizer.pad_token_id,
        seed=config.seed,
        prompts=settings.prompts,
        replay=settings.replay,
        raw=raw_batches(config, work_dir, tokenizer).row,
    )
    model = build_model(config.model, tokenizer, config.seed)
    probe = copy_probe(work_dir, config.seed)

    def measure(model: Any) -> dict[str, float]:
        first, second = copy_losses(model, probe)
        return {"copy_first": first, "copy_second": second}

    train(
        model,
        settings,
        batches,
        work_dir / stage,
        start_from=work_dir / start_from / "checkpoint.pt",
        measure=measure,
        stop_after=stop_after,
    )


def raw_batches(config: NanoConfig, work_dir: Path, tokenizer: Any) -> RawBatches:
    sources = [
        (np.load(work_dir / "raw" / f"{name}.npy", mmap_mode="r"), source.weight) for name, source in config.raw.items()
    ]
    return RawBatches(
        sources,
        tokenizer(";", add_special_tokens=False)["input_ids"],
        sequences=config.base.sequences,
        length=config.base.length,
        repeated=config.base.repeated,
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
