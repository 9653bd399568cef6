"""Specialists as predictors, on real readers with random weights: what holds whatever the weights say."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from taiyi.engine.base import Finish
from taiyi.errors import InputError, ModelError
from taiyi.predictors.base import Partial, Result, answer
from taiyi.predictors.specialist import SpecialistPredictor, load_specialists
from taiyi.tasks.request import make_request

TEXT = "The aspirin-induced headache (HA) of p53 mice 😀 𠮷 was 1,2-dichloroethane. "


@pytest.fixture
def by_name(specialists_dir: Path) -> dict[str, SpecialistPredictor]:
    return {s.folder.name: s for s in load_specialists(specialists_dir)}


def test_every_folder_with_a_card_is_a_specialist_and_no_other(by_name: dict[str, SpecialistPredictor]) -> None:
    assert sorted(by_name) == ["entities", "several", "single"]


def test_no_folder_means_no_specialists(tmp_path: Path) -> None:
    assert load_specialists(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    ("labels", "known"),
    [
        (["Chemical", "Disease"], True),
        (["chemicals", "疾病", "Protein"], True),
        (["Chemical", "Plant"], False),
        (["Variant"], False),
    ],
)
def test_a_request_is_supported_where_every_label_means_one_of_its_own(
    by_name: dict[str, SpecialistPredictor], labels: list[str], known: bool
) -> None:
    assert by_name["entities"].supports(make_request("entities", TEXT, labels=labels)) is known


def test_another_language_or_task_is_not_supported(by_name: dict[str, SpecialistPredictor]) -> None:
    labels = ["Chemical"]
    assert not by_name["entities"].supports(make_request("entities", "患者服用阿司匹林。", labels=labels))
    assert not by_name["entities"].supports(make_request("relations", TEXT, labels=labels))


def test_classes_are_known_by_any_of_their_names(by_name: dict[str, SpecialistPredictor]) -> None:
    single = by_name["single"]
    assert single.supports(make_request("classify", "头痛怎么治", labels=["Treatment", "病因"]))
    assert not single.supports(make_request("classify", "头痛怎么治", labels=["Treatment", "费用"]))


@pytest.mark.parametrize("text", [TEXT, TEXT * 200, "😀😀😀", "x" * 5000, "a\r\nb\u200fc. (", "."])
def test_entities_stand_in_the_text_with_the_labels_asked_for(
    by_name: dict[str, SpecialistPredictor], text: str
) -> None:
    """Document checks the offsets; labels come back in the asker's own spelling; a score is a probability."""
    request = make_request("entities", text, labels=["chemicals", "Protein"], text_lang="en", document_id="d1")
    result = answer(by_name["entities"], request)
    assert result.document.text == text
    assert result.document.id == "d1"
    assert {e.label for e in result.document.entities} <= {"chemicals", "Protein"}
    assert all(e.score is not None and 0 <= e.score <= 1 for e in result.document.entities)
    assert all(result.document.text_of(e.spans).strip() for e in result.document.entities)


def test_something_is_found_at_all(by_name: dict[str, SpecialistPredictor]) -> None:
    """Random weights mark nearly everything: were the list always empty, the tests above would say nothing."""
    request = make_request("entities", TEXT * 5, labels=["Chemical", "Disease", "Gene"])
    assert answer(by_name["entities"], request).document.entities


def test_only_the_first_place_of_a_name_is_returned_where_that_is_asked(
    by_name: dict[str, SpecialistPredictor],
) -> None:
    request = make_request("entities", TEXT * 5, labels=["Chemical", "Disease", "Gene"], occurrences="first")
    document = answer(by_name["entities"], request).document
    names = [(e.label, document.text_of(e.spans)) for e in document.entities]
    assert len(names) == len(set(names))


def test_long_texts_are_read_in_windows_with_progress_and_say_so(by_name: dict[str, SpecialistPredictor]) -> None:
    request = make_request("entities", TEXT * 400, labels=["Gene"])
    items = list(by_name["entities"].stream(request))
    shares = [item.done for item in items if isinstance(item, Partial)]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 3
    (result,) = [item for item in items if isinstance(item, Result)]
    assert [issue.kind for issue in result.issues] == ["windows"]
    assert result.usage.windows == len(shares) - 1


def test_cancelled_reading_ends_with_what_is_complete(by_name: dict[str, SpecialistPredictor]) -> None:
    cancel = threading.Event()
    request = make_request("entities", TEXT * 400, labels=["Chemical", "Disease", "Gene"])
    result = None
    for item in by_name["entities"].stream(request, cancel):
        if isinstance(item, Partial) and item.done > 0:
            cancel.set()
        result = item
    assert isinstance(result, Result)
    assert result.document.text == request.text
    whole = answer(by_name["entities"], request).document
    assert len(result.document.entities) < len(whole.entities)
    assert result.finish is Finish.CANCELLED


def test_one_class_is_named_where_one_is_asked_and_it_is_among_those_asked_for(
    by_name: dict[str, SpecialistPredictor],
) -> None:
    for text in ("头痛怎么治", "😀", "头痛" * 3000):
        request = make_request("classify", text, labels=["Cause", "其他"], text_lang="zh")
        (label,) = answer(by_name["single"], request).document.labels
        assert label.name in ("Cause", "其他")


def test_several_classes_or_none_may_hold(by_name: dict[str, SpecialistPredictor]) -> None:
    request = make_request("classify", TEXT * 3, labels=["治疗", "病因", "其他"], multi=True)
    labels = answer(by_name["several"], request).document.labels
    assert {label.name for label in labels} <= {"治疗", "病因", "其他"}
    assert all(label.score is not None and 0 <= label.score <= 1 for label in labels)


def test_many_at_once_get_what_each_gets_alone(by_name: dict[str, SpecialistPredictor]) -> None:
    requests = [make_request("entities", TEXT * n, labels=["Chemical", "Disease"]) for n in range(1, 9)]
    alone = [answer(by_name["entities"], request).document for request in requests]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda request: answer(by_name["entities"], request).document, requests))
    assert together == alone


@pytest.mark.parametrize(
    ("labels", "schemes"),
    [
        (["疾病"], ("narrow", "wide")),
        (["Disease", "Gene"], ("wide",)),
        (["Disease", "Plant"], ("narrow", "wide")),
        (["Plant"], ()),
    ],
)
def test_the_schemes_for_some_labels_are_those_that_have_all_of_its_own(
    by_name: dict[str, SpecialistPredictor], labels: list[str], schemes: tuple[str, ...]
) -> None:
    assert by_name["entities"].schemes(labels) == schemes
    assert by_name["single"].schemes(["治疗"]) == ()


def test_a_scheme_that_lacks_a_type_is_refused_with_those_that_have_it(by_name: dict[str, SpecialistPredictor]) -> None:
    request = make_request("entities", TEXT, labels=["Gene"], scheme="narrow")
    with pytest.raises(InputError, match="wide") as raised:
        answer(by_name["entities"], request)
    assert raised.value.code == "unknown_scheme"
    assert answer(by_name["entities"], make_request("entities", TEXT, labels=["Gene"], scheme="wide"))


def test_who_knows_one_way_of_marking_passes_a_scheme_over(by_name: dict[str, SpecialistPredictor]) -> None:
    plain, named = (make_request("classify", "头痛怎么治", labels=["治疗", "病因"], scheme=s) for s in ("", "wide"))
    assert answer(by_name["single"], plain).document == answer(by_name["single"], named).document


def test_damaged_weights_are_said_in_one_sentence(specialists_dir: Path) -> None:
    (specialists_dir / "entities" / "network.safetensors").write_bytes(b"not weights")
    (entities,) = [s for s in load_specialists(specialists_dir) if s.folder.name == "entities"]
    with pytest.raises(ModelError, match="entities") as raised:
        answer(entities, make_request("entities", TEXT, labels=["Gene"]))
    assert raised.value.code == "specialist_not_loaded"


def test_an_unknown_kind_is_said_with_those_that_are_known(specialists_dir: Path) -> None:
    card = specialists_dir / "single" / "taiyi.yaml"
    card.write_text(card.read_text(encoding="utf-8").replace("token_classes", "oracle"), encoding="utf-8")
    (single,) = [s for s in load_specialists(specialists_dir) if s.folder.name == "single"]
    with pytest.raises(ModelError, match=r"oracle.*token_tagger"):
        answer(single, make_request("classify", "头痛", labels=["病因"]))


def test_cards_alone_are_read_before_the_first_request(specialists_dir: Path) -> None:
    code = (
        f"import sys; from pathlib import Path; from taiyi.predictors.specialist import load_specialists;"
        f"load_specialists(Path({str(specialists_dir)!r}));"
        "print([m for m in ('torch', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stdout.strip() == "[]"
