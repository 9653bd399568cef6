"""The recipe of the class specialists on a few sentences, and the command that starts all recipes."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest
import torch
import yaml

from finetune.specialists.__main__ import HERE, NAMES, main
from finetune.specialists.averaging import TrainingSettings
from finetune.specialists.class_network import Row, train_classifier
from finetune.specialists.class_ngrams import fitted_model
from finetune.specialists.corpus_parts import Parts
from finetune.specialists.text_classes import Trained, divided, finish, source_of, targets_of
from taiyi.card import read_card
from taiyi.corpora import corpus_row
from taiyi.document import Document, Label
from taiyi.predictors.base import answer
from taiyi.predictors.readers.token_input import READERS
from taiyi.predictors.readers.token_network import Encoder, EncoderConfig, Ensemble
from taiyi.predictors.specialist import load_specialists
from taiyi.tasks.request import make_request

CONFIGS = ("hallmarks_en",)
OF_THE_CORPUS = ("command", "corpus", "several", "reported", "names", "shown", "notes", "limits")


def config_of(name: str) -> dict[str, object]:
    config: dict[str, object] = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    return config


def queries_config() -> dict[str, object]:
    """The recipe of the hallmarks on queries, of which each has one class."""
    queries = config_of("intent_zh")
    return config_of("hallmarks_en") | {key: queries[key] for key in OF_THE_CORPUS}


def query(n: int, text: str, *labels: str) -> Document:
    return Document(f"s{n}", "zh", text, labels=tuple(map(Label, labels)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Queries about cost hold 钱, all others ask for a treatment; learnt by heart, two members."""
    folder = tmp_path_factory.mktemp("specialists") / "intent-zh"
    config = queries_config()
    labels = corpus_row("kuake_qic")["labels"]
    queries = [query(n, f"第{n}次多少钱", "医疗费用") for n in range(10)]
    queries += [query(n, f"第{n}次怎么治", "治疗方案") for n in range(10, 20)]
    words = ["钱", "治"]
    encoder = EncoderConfig("zh", 2, 4, (4, 4, 4, 4), char_width=4, char_features=4, hidden=4)
    rows = [
        Row(READERS["zh"](words)(q.text), t.numpy()) for q, t in zip(queries, targets_of(queries, labels), strict=True)
    ]
    settings = TrainingSettings(epochs=80, batch_tokens=200, learn_rate=0.02, dropout=0.0, unseen=0.0, average=0.5)
    network = Ensemble(encoder, len(labels), 2)
    start = Encoder(encoder)
    start.vectors[1:] = torch.eye(2, 4)
    for seed, member in enumerate(network.members):
        trained = train_classifier(rows, start, settings, several=False, seed=seed)
        member.load_state_dict(trained.state_dict())
    parts = Parts(tuple(queries), tuple(queries), {"documents": 20})
    finish(Trained(network.eval(), words), config, parts, queries, 1, folder)
    return folder


def test_what_was_learnt_is_named_by_the_app_in_the_asker_s_words(made: Path) -> None:
    (specialist,) = load_specialists(made.parent)
    for text, name in (("第3次多少钱", "Cost"), ("第15次怎么治", "治疗方案")):
        request = make_request("classify", text, labels=["Cost", "治疗方案", "其他"], text_lang="zh")
        (label,) = answer(specialist, request).document.labels
        assert label.name == name


def test_members_share_their_vectors_on_disk_and_come_back_whole(made: Path) -> None:
    from safetensors.torch import load_file

    weights = load_file(made / "network.safetensors")
    assert [name for name in weights if name.endswith("vectors")] == ["members.0.encoder.vectors"]
    card = read_card(made)
    widths = tuple(card.settings["encoder"]["widths"])
    network = Ensemble(EncoderConfig(**{**card.settings["encoder"], "widths": widths}), len(card.labels), 2)
    network.load_weights(weights)
    one, two = (member.encoder.vectors for member in network.members)
    assert torch.equal(one, two)
    assert one.any()


def test_a_model_over_ngrams_beside_a_network_that_knows_nothing_decides(tmp_path: Path) -> None:
    """The network's logits are its random weights'; only the words tell the hallmarks of these sentences apart."""
    torch.manual_seed(1)
    config, labels = config_of("hallmarks_en"), corpus_row("hoc")["labels"]
    words = {"resisting cell death": "apoptosis", "inducing angiogenesis": "angiogenesis", "": "weather"}
    sentences = [
        Document(f"{n}_s0", "en", f"We saw {words[name]} {n} times .", labels=(Label(name),) if name else ())
        for n, name in enumerate([*words] * 8)
    ]
    network = Ensemble(EncoderConfig("en", 1, 4, (4,) * 5, char_width=4, char_features=4, hidden=4), len(labels), 1)
    trained = Trained(network.eval(), ["saw"])
    targets = targets_of(sentences, labels)
    ngrams = fitted_model([s.text for s in sentences], targets, {"rows": 4096, "penalty": 0.01}, several=True)
    trained = trained.with_ngrams(ngrams, sentences, targets)
    finish(trained, config, Parts(tuple(sentences), tuple(sentences), {}), sentences, 1, tmp_path / "hallmarks-en")
    card = read_card(tmp_path / "hallmarks-en")
    assert card.settings["ngrams"]["rows"] == 4096
    assert {score.metric: score.value for score in card.scores}["micro-F1"] == 1.0
    (specialist,) = load_specialists(tmp_path)
    text = "We saw nothing . Then apoptosis was seen . Later came angiogenesis ."
    request = make_request("classify", text, labels=labels, text_lang="en", multi=True)
    assert {label.name for label in answer(specialist, request).document.labels} == {name for name in words if name}


def test_the_card_has_the_accuracy(made: Path) -> None:
    (accuracy,) = [score for score in read_card(made).scores if score.metric == "accuracy"]
    assert (accuracy.value, accuracy.n) == (1.0, 20)


@pytest.mark.parametrize("name", CONFIGS)
def test_shipped_settings_are_complete(name: str) -> None:
    config = config_of(name)
    TrainingSettings(**config["training"])  # type: ignore[arg-type]
    assert config["command"] in NAMES
    shown = config.get("shown")
    assert shown is None or len(shown) == len(corpus_row(str(config["corpus"]))["labels"])  # type: ignore[arg-type]


def test_parts_share_no_text_and_sentences_of_one_abstract_stay_together(tmp_path: Path) -> None:
    """HoC with made-up sentences: 60 abstracts of three sentences, no test set."""
    lines = ["labels\tsentence\tindex"]
    marks = ",".join(f"{n}_0" for n in range(10))
    lines += [f"{marks}\tFinding {s} of study {d} .\t{d}_s{s}" for d in range(60) for s in range(3)]
    (tmp_path / "hoc").mkdir()
    for file in ("train.tsv", "dev.tsv"):
        kept = lines if file == "train.tsv" else lines[:1]
        (tmp_path / "hoc" / file).write_text("\n".join(kept), encoding="utf-8")
    (tmp_path / "test_fingerprints.tsv.xz").write_bytes(lzma.compress(b"set\tsha256_16\n"))
    parts, reported = divided(config_of("hallmarks_en"), tmp_path, None)
    train, tune = ({source_of(document) for document in part} for part in (parts.train, parts.tune))
    assert reported == []
    assert train
    assert tune
    assert not train & tune
    assert len(parts.train) + len(parts.tune) == 180


def test_queries_set_aside_are_neither_trained_nor_tuned_on(tmp_path: Path) -> None:
    rows = [{"id": f"s{n}", "query": f"第{n}个问题怎么办", "label": "其他"} for n in range(300)]
    (tmp_path / "KUAKE-QIC_train.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    (tmp_path / "test_fingerprints.tsv.xz").write_bytes(lzma.compress(b"set\tsha256_16\n"))
    parts, reported = divided(queries_config(), tmp_path, None)
    texts = [{document.text for document in part} for part in (parts.train, parts.tune, reported)]
    assert sum(map(len, texts)) == 300
    assert all(texts)


def test_the_command_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["entities-fr"])
    assert stopped.value.code == 2
    assert "entities-en" in capsys.readouterr().err
