"""What the lexicon says of a name in training is what the other documents say."""

import numpy as np

from finetune.specialists.chinese_lexicon import count_names, mention_keys
from taiyi.predictors.readers.nested_spans_input import CharTable

TABLE = CharTable(list("肝癌肺炎无"), 3)
LABELS, KINDS = 2, 1


def spans(*rows: tuple[int, int, int]) -> np.ndarray:
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


DOCUMENTS = [
    (TABLE.ids("肝癌无肺炎"), spans((0, 0, 1), (0, 3, 4), (1, 0, 0))),
    (TABLE.ids("无肝癌"), spans((0, 1, 2))),
    (TABLE.ids("肝癌"), spans()),
]


def test_mentions_and_places_of_a_name_are_counted_over_all_documents() -> None:
    """肝癌 stands three times and is annotated twice with label 0; 肺炎 once and once; 肝 three times, once label 1."""
    counts = count_names(DOCUMENTS, [], LABELS, KINDS, 8)
    by_key = dict(
        zip(counts.keys.tolist(), zip(counts.mentions.tolist(), counts.places.tolist(), strict=True), strict=True)
    )
    keys = mention_keys(*DOCUMENTS[0]).tolist()
    assert [by_key[key] for key in keys] == [([2, 0], 3), ([1, 0], 1), ([0, 1], 3)]


def test_a_document_is_not_told_what_it_says_itself() -> None:
    """In the first document 肝癌 is left with one of two places elsewhere annotated: 1 / (2 + 1); 肺炎 and 肝 are known
    from nowhere else and vanish."""
    counts = count_names(DOCUMENTS, [], LABELS, KINDS, 8)
    ids, own = DOCUMENTS[0]
    found = counts.lexicon(8).find(ids)
    values = counts.values_elsewhere(found, own, mention_keys(ids, own))
    told = {(first, last): row for first, last, row in zip(found.first, found.last, values, strict=True)}
    assert told[0, 1][:2].tolist() == [85, 0]
    assert not told[3, 4].any()
    assert not told[0, 0].any()


def test_a_name_of_another_source_keeps_its_kind_whatever_the_documents_say() -> None:
    counts = count_names(
        DOCUMENTS, [(0, TABLE.ids("肺炎")), (0, TABLE.ids("炎")), (0, TABLE.ids("肾炎"))], LABELS, KINDS, 8
    )
    ids, own = DOCUMENTS[0]
    found = counts.lexicon(8).find(ids)
    values = counts.values_elsewhere(found, own, mention_keys(ids, own))
    told = {(first, last): row for first, last, row in zip(found.first, found.last, values, strict=True)}
    assert told[3, 4].tolist()[-1] == 255
    assert (4, 4) not in told, "a single character is too short for a name of another source"
    assert len(counts.keys) == 3, "a name with an unknown character is left out"
