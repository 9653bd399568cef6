"""Raw text: every kind of record, no leaked text, and sequences that practise copying."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from finetune.nano.pack import RawBatches, pack_texts
from finetune.nano.raw import read_source, record_text
from finetune.nano.template import END
from taiyi.errors import InputError


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ({"title": "头痛", "abstract": "摘要。"}, "头痛\n摘要。"),
        ({"id": 1, "text": "正文"}, "正文"),
        ({"zh": "发热", "en": "fever", "kind": "term"}, "发热\nfever"),
        ({"abstract": "A.", "plain": "B."}, "A.\nB."),
        (
            {"messages": [{"role": "user", "content": "咳嗽？"}, {"role": "assistant", "content": "多饮水。"}]},
            "<|user|>咳嗽？<|end|><|assistant|>多饮水。<|end|>",
        ),
    ],
)
def test_every_kind_of_record_has_its_text(record: dict[str, Any], text: str) -> None:
    assert record_text(record) == text


def test_a_source_that_is_missing_or_cut_off_is_named(tmp_path: Path) -> None:
    path = tmp_path / "made.jsonl.xz"
    with pytest.raises(InputError, match=r"made.jsonl.xz cannot be read .* take it out of `raw`"):
        read_source(path, 10, 0, lambda text: False)
    path.write_bytes(lzma.compress(json.dumps({"text": "x" * 5000}).encode("utf-8"))[:-40])
    with pytest.raises(InputError, match=r"made.jsonl.xz cannot be read"):
        read_source(path, 10, 0, lambda text: False)


def test_a_source_is_read_up_to_its_share_without_leaks_and_repeats(tmp_path: Path) -> None:
    path = tmp_path / "made.jsonl.xz"
    lines = [
        json.dumps({"text": text}, ensure_ascii=False) for text in ("甲" * 10, "甲" * 10, "乙" * 10, "丙" * 10, " ")
    ]
    path.write_bytes(lzma.compress("\n".join(lines).encode("utf-8")))
    kept, n_leaked = read_source(path, 1000, 1, lambda text: text.startswith("乙"))
    assert (sorted(kept), n_leaked) == (["丙" * 10, "甲" * 10], 1)
    assert len(read_source(path, 10, 1, lambda text: False)[0]) == 1


def test_every_packed_text_ends_with_one_end_token(tokenizer: Any) -> None:
    tokens = pack_texts(["头痛", f"缓解{END}"], tokenizer)
    assert tokenizer.decode(tokens) == f"头痛{END}缓解{END}"


def test_a_share_of_the_sequences_repeats_what_stands_above() -> None:
    """Source tokens are all different, so a token that comes twice in a row of 65 was repeated on purpose."""
    source = np.arange(2000, dtype=np.uint16)

    def repeats(share: float) -> int:
        batches = RawBatches([(source, 1.0)], [1999], sequences=40, length=64, repeated=share, seed=1)
        inputs, labels = batches(0)
        assert inputs.shape == labels.shape == (40, 64)
        assert np.array_equal(inputs[:, 1:], labels[:, :-1])
        return sum(len(set(row.tolist())) < 48 for row in inputs)

    assert repeats(0.0) == 0
    assert repeats(1.0) > 20
