"""The specialist for CMeIE's relations: texts as the Chinese entity reader encodes them in, weights and cards out.

Each stage leaves its result in the work folder and is skipped where that is there, so that a run that was broken off
goes on with the stage it was in.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import torch
import yaml
from safetensors.torch import save_file
from torch import Tensor, nn

from finetune.specialists.calibration import best_threshold
from finetune.specialists.char_relations import Example, begun_names, learnt_pairs, train_names, train_pairs
from finetune.specialists.corpus_parts import LeakFilter, Parts, documents_of
from finetune.specialists.model_card import data_rows, reliability_table, write_cards
from finetune.specialists.typed_relations import PRIOR, RelationReader, Scored, fitted_score, scores_of, triples_of
from taiyi.card import CARD_FILE
from taiyi.corpora import corpus_row
from taiyi.corpora.formats.cmeie import load_schemas
from taiyi.corpora.parts import part_of
from taiyi.document import Document
from taiyi.errors import InputError
from taiyi.predictors.readers.char_relations import WEIGHTS_FILE, CharRelations, Encoder, encoder_of
from taiyi.predictors.readers.char_relations_input import N_FEATURES
from taiyi.predictors.readers.char_relations_network import NameSpans, PairNetwork, Sizes
from taiyi.predictors.readers.nested_spans_network import SpanNetwork

CONFIG_FILE = Path(__file__).with_name("relations_zh.yaml")
ENCODED_AT_ONCE = 16
HOW = "from bare text", "from bare text, most triples missing"
"""How the whole and the partial annotation are scored."""
RECIPE = """\
Both networks see characters as the encoder of the entity reader leaves them, which is not trained on. The first scores
every span as a head and as a tail of each kind, and starts as the entity reader's own head; its candidates are far more
than are names. The second reads the text with an LSTM in both directions, and gives each pair of a head and a tail one
of the types or none, by the first and last characters of both names, the mean of what stands between their nearest
places, and numbers (how far, how often, whether a title). What the partial annotation leaves open counts as its
likelihood: with p for related, and the share s that is annotated, -log(1 - s p). Of relations of one type whose names
lie within each other, or that are each other's reverse, the surest is kept. Score: a logistic function of the log-odds
of the likeliest type and of the logarithms of the two names' probabilities, fitted, like the threshold, on the tuning
part."""

Module = TypeVar("Module", bound=nn.Module)


class KeptEncodings:
    """An encoder whose answers are kept in a file: encoding the corpora takes it half a minute."""

    def __init__(self, encoder: Encoder, path: Path) -> None:
        self._encoder = encoder
        self._path = path
        self._found: dict[str, Tensor] = torch.load(path) if path.exists() else {}

    def encoded(self, texts: Sequence[str]) -> list[Tensor]:
        """For each text (code points, width), in half precision."""
        new = sorted({text for text in texts if text not in self._found}, key=len)
        for start in range(0, len(new), ENCODED_AT_ONCE):
            group = new[start : start + ENCODED_AT_ONCE]
            rows = self._encoder.encoded(group)
            self._found |= {text: row.half().clone() for text, row in zip(group, rows, strict=True)}
        return [self._found[text] for text in texts]

    def keep(self) -> None:
        """Write what was encoded."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(self._found, self._path)


def parts_of(
    names: Iterable[str], data_dir: Path, limit: int | None = None
) -> tuple[dict[str, Parts], dict[str, list[Document]]]:
    """By corpus the texts to train and tune on, and those reported on, of those with a triple. No text that is reported
    on in any of them is trained on."""
    read = {name: documents_of(name, "train", data_dir, limit) for name in names}
    documents = {name: [document for document in found if document.relations] for name, found in read.items()}
    reported = {name: [d for d in found if part_of(d.text) == "report"] for name, found in documents.items()}
    leaks = LeakFilter(data_dir, [d for found in reported.values() for d in found])
    others = {name: [d for d in found if part_of(d.text) != "report"] for name, found in documents.items()}
    return {name: leaks.divided(name, found) for name, found in others.items()}, reported


def channel_by_label(config: Mapping[str, Any]) -> dict[str, int]:
    """The channel of the tails of each predicate, 0 being that of heads. Synonyms stand between names of any type, most
    often between diseases, which are the first kind."""
    channels = {kind: n for n, row in enumerate(config["kinds"], 1) for kind in row["objects"]}
    found: dict[str, set[int]] = {label: set() for label in config["shown"]}
    for schema in load_schemas(corpus_row(config["partial"])["schemas"]):
        found[schema.predicate].add(channels[schema.object_type])
    return {label: min(several) for label, several in found.items()}


def sizes_of(entities: SpanNetwork, config: Mapping[str, Any]) -> Sizes:
    """The sizes of networks on top of this one's encoder."""
    n_kinds, n_types = len(config["kinds"]), len(config["shown"])
    return Sizes(
        width=entities.config.width, n_kinds=n_kinds, n_types=n_types, n_features=N_FEATURES, **config["sizes"]
    )


def examples_of(parts: Mapping[str, Parts], encodings: Encoder, config: Mapping[str, Any]) -> list[Example]:
    """What is trained on: the whole texts, and the partial ones that are none of them."""
    whole, others = (parts[config[key]].train for key in ("whole", "partial"))
    texts = {document.text for document in whole}
    rows = [(d, True) for d in whole] + [(d, False) for d in others if d.text not in texts]
    encoded = encodings.encoded([document.text for document, _ in rows])
    return [
        Example(document.text, vectors, frozenset(triples_of(document, config)), is_whole)
        for (document, is_whole), vectors in zip(rows, encoded, strict=True)
    ]


def made_once(path: Path, empty: Module, make: Callable[[], Module]) -> Module:
    """What `make` trains, kept in `path`; where that is there, it is read into `empty`. Weights are float16's."""
    if not path.exists():
        torch.save(make().state_dict(), path)
    empty.load_state_dict({name: weight.half().float() for name, weight in torch.load(path).items()})
    return empty.eval()


def trained_networks(
    examples: Sequence[Example], entities: SpanNetwork, config: Mapping[str, Any], work_dir: Path, seed: int
) -> tuple[NameSpans, list[PairNetwork]]:
    """Both kinds of network, those of pairs from a seed each."""
    sizes = sizes_of(entities, config)
    for_names = {**config["name_training"], "start": [config["heads"], *(kind["start"] for kind in config["kinds"])]}
    begun = begun_names(sizes, entities, for_names)
    channels = channel_by_label(config)
    names = made_once(
        work_dir / "names.pt",
        NameSpans(sizes),
        partial(train_names, examples, begun, channels, for_names, seed),
    )
    learnt = learnt_pairs(examples, names, tuple(config["shown"]), config["candidates"])
    print(f"{sum(len(row.targets) for row in learnt)} pairs", file=sys.stderr, flush=True)
    networks = [
        made_once(
            work_dir / f"pairs.{n}.pt",
            PairNetwork(sizes),
            partial(train_pairs, learnt, sizes, config["pair_training"], seed + n),
        )
        for n in range(config["networks"])
    ]
    return names, networks


def fitted_threshold(reader: RelationReader, documents: Sequence[Document], config: Mapping[str, Any]) -> float:
    """The threshold with the best F1 of what a reader without one finds in documents not trained on."""
    gold = [triples_of(document, config) for document in documents]
    rows = [
        (found.score, (found.label, d.text_of((found.head,)), d.text_of((found.tail,))) in own)
        for d, own in zip(documents, gold, strict=True)
        for found in reader.relations(d.text, tuple(config["shown"]))
    ]
    return best_threshold([score for score, _ in rows], [right for _, right in rows], sum(map(len, gold)))


def train_specialist(data_dir: Path, out_dir: Path, work_dir: Path, seed: int, limit: int | None) -> None:
    """Train, calibrate, score and write the specialist on the encoder of the entity reader in `work_dir`.

    Raises InputError where that is not there.
    """
    config = yaml.safe_load(CONFIG_FILE.read_text(encoding="utf-8"))
    if not (work_dir / config["encoder"] / CARD_FILE).is_file():
        raise InputError(f"There is no {config['encoder']} in {work_dir}: make it first.")
    own_dir = work_dir / config["command"]
    own_dir.mkdir(parents=True, exist_ok=True)
    entities = encoder_of(own_dir, config["encoder"])
    encodings = KeptEncodings(entities, own_dir / "encoded.pt")
    names = config["whole"], config["partial"]
    parts, reported = parts_of(names, data_dir, limit)
    examples = examples_of(parts, encodings, config)
    encodings.keep()
    spans, networks = trained_networks(examples, entities.network, config, own_dir, seed)
    settings = {key: config[key] for key in ("encoder", "passage_chars", "candidates", "networks")}
    settings["sizes"] = {"width": entities.network.config.width, "n_kinds": len(config["kinds"]), **config["sizes"]}

    def reader(**fitted: Any) -> CharRelations:
        return CharRelations(encodings, spans, networks, tuple(config["shown"]), {**settings, **fitted})

    tuned = parts[names[0]].tune
    score = fitted_score(reader(score=PRIOR, threshold=0.0), tuned, config)["score"]
    fitted = {"score": score, "threshold": fitted_threshold(reader(score=score, threshold=0.0), tuned, config)}
    made = reader(**fitted)
    scores_of(made, tuned, config, {"set": names[0], "part": "tune"}, HOW[0])
    scored = {
        f"{name}, report part": scores_of(made, reported[name], config, {"set": name, "part": "report"}, how)
        for name, how in zip(names, HOW, strict=True)
    }
    counts = {name: {**parts[name].counts, "reported": len(reported[name])} for name in names}
    write_specialist(config, spans, networks, {**settings, **fitted, "seed": seed}, scored, counts, out_dir)


def write_specialist(
    config: Mapping[str, Any],
    names: NameSpans,
    networks: Sequence[PairNetwork],
    settings: Mapping[str, Any],
    scored: Mapping[str, Scored],
    counts: Mapping[str, Mapping[str, int]],
    out_dir: Path,
) -> None:
    """Write both cards and the weights."""
    modules = {"names": names, **{f"pairs.{n}": network for n, network in enumerate(networks)}}
    weights = {
        f"{prefix}.{name}": weight.half().contiguous()
        for prefix, module in modules.items()
        for name, weight in module.state_dict().items()
    }
    card = {
        "name": config["names"],
        "kind": "char_relations",
        "task": "relations",
        "lang": config["lang"],
        "labels": config["shown"],
        "scores": [row for rows, _ in scored.values() for row in rows],
        "notes": config["notes"],
        "n_parameters": sum(weight.numel() for weight in weights.values()),
        "settings": dict(settings),
    }
    kept = {key: config[key] for key in ("sizes", "name_training", "pair_training", "networks")}
    texts = {
        "command": config["command"],
        "what": config["notes"]["en"],
        "data": data_rows(counts),
        "raw": "those of the entity reader",
        "recipe": f"{RECIPE}\n\n" + "\n".join(f"    {key}: {value}" for key, value in kept.items()),
        "calibration": "\n\n".join(reliability_table(reliable, of) for of, (_, reliable) in scored.items()),
        "limits": config["limits"],
    }
    write_cards(out_dir, card, texts)
    save_file(weights, out_dir / WEIGHTS_FILE)
