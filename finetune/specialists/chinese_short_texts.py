"""The encoder that the readers of short Chinese texts begin with: it has learnt to guess hidden characters of them.

Settings: `chinese_short_texts.yaml`. Texts set aside to report on are not read, nor what stands in a test set.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import yaml

from finetune.overlap import RAW_SHARE, Fingerprints
from finetune.specialists.chinese_pretraining import PretrainingConfig, pretrain
from finetune.specialists.word_vectors import VectorConfig, iter_texts
from taiyi.corpora import read_corpus
from taiyi.corpora.parts import normal_form, part_of
from taiyi.predictors.readers.nested_spans_input import CharTable, folded
from taiyi.predictors.readers.nested_spans_network import N_SPECIAL_CHARS, NetworkConfig
from taiyi.tasks.base import Example

SETTINGS = Path(__file__).with_name("chinese_short_texts.yaml")
N_FEATURES = 4
"""Of each character: see `taiyi.predictors.readers.text_pairs`; all 0 where a text stands alone."""
ENCODER_RECIPE = (
    "An encoder of characters (embeddings, pairs of neighbours, gated convolutions, an LSTM each way) first guesses "
    "hidden characters of short texts (`finetune/specialists/chinese_short_texts.yaml`)."
)
_SENTENCE = re.compile(r"[^。！？；]+[。！？；]*")


@dataclass(frozen=True, slots=True)
class Pretrained:
    """The characters that are known, the sizes, the weights of the encoder, and what it has read, for the card."""

    chars: tuple[str, ...]
    config: NetworkConfig
    weights: Mapping[str, torch.Tensor]
    sources: tuple[str, ...] = ()

    def sizes(self) -> dict[str, Any]:
        """The sizes as plain values, for YAML."""
        return {**asdict(self.config), "dilations": list(self.config.dilations)}


def texts_of(example: Example) -> tuple[str, ...]:
    """The text of an example, and the second one where there is one."""
    return tuple(filter(None, (example.request.text, example.request.text_b)))


def reported_texts(corpora: Iterable[str], data_dir: Path) -> set[str]:
    """The normal forms of all texts of the examples that are reported on."""
    examples = (example for name in corpora for example in read_corpus(name, "train", data_dir))
    reported = (example for example in examples if part_of(example.request.text) == "report")
    return {normal_form(text) for example in reported for text in texts_of(example)}


def iter_short_texts(settings: Mapping[str, Any], data_dir: Path) -> Iterator[str]:
    """Every text once: those of the labelled corpora, then the lines of the other sources."""
    prints = Fingerprints.of_tests(data_dir)
    seen = reported_texts(settings["labelled"], data_dir)
    labelled = (
        text
        for name in settings["labelled"]
        for example in read_corpus(name, "train", data_dir)
        for text in texts_of(example)
        if not prints.leaked(text, RAW_SHARE)
    )
    others = iter_texts(data_dir, VectorConfig("zh", settings["sources"]), prints)
    for text in (*labelled, *(line for other in others for line in other.split("\n"))):
        form = normal_form(text)
        if form and form not in seen:
            seen.add(form)
            yield text


def pieces_of(text: str, limit: int) -> Iterator[str]:
    """Whole sentences together, up to `limit` characters; what is longer than that ends there."""
    piece = ""
    for sentence in _SENTENCE.findall(text):
        if piece and len(piece) + len(sentence) > limit:
            yield piece[:limit]
            piece = ""
        piece += sentence
    if piece:
        yield piece[:limit]


def known_chars(texts: Iterable[str], least: int) -> tuple[str, ...]:
    """The characters that stand there `least` times, the most frequent first."""
    counts = Counter(folded(char) for text in texts for char in text)
    return tuple(char for char, count in counts.most_common() if count >= least)


def network_config(sizes: Mapping[str, Any], n_chars: int) -> NetworkConfig:
    """The sizes of an encoder that knows `n_chars` characters."""
    return NetworkConfig(
        N_SPECIAL_CHARS + n_chars,
        n_features=N_FEATURES,
        n_span_features=1,
        **{**sizes, "dilations": tuple(sizes["dilations"])},
    )


def pretrained(data_dir: Path, work_dir: Path, seed: int, limit: int | None = None) -> Pretrained:
    """The encoder kept in `work_dir`, or a new one that is kept there; `limit` pieces are read."""
    settings = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    chars_file, weights_file = work_dir / "short-texts-zh.json", work_dir / "short-texts-zh.pt"
    if not chars_file.exists():
        texts = iter_short_texts(settings, data_dir)
        pieces = [piece for text in texts for piece in pieces_of(text, settings["piece_chars"])][:limit]
        _pretrain(pieces, settings, seed, chars_file, weights_file)
    chars = tuple(json.loads(chars_file.read_text(encoding="utf-8")))
    config = network_config(settings["network"], len(chars))
    return Pretrained(chars, config, torch.load(weights_file), (*settings["labelled"], *settings["sources"]))


def _pretrain(
    pieces: Sequence[str], settings: Mapping[str, Any], seed: int, chars_file: Path, weights_file: Path
) -> None:
    chars = known_chars(pieces, settings["least_char_count"])
    table = CharTable(chars, N_SPECIAL_CHARS)
    config = network_config(settings["network"], len(chars))
    chars_file.parent.mkdir(parents=True, exist_ok=True)
    ids = [table.ids(piece) for piece in pieces if len(piece) > 3]
    pretrain(ids, config, PretrainingConfig(**settings["pretraining"]), seed, weights_file)
    chars_file.write_text(json.dumps(chars, ensure_ascii=False), encoding="utf-8")
