"""From made corpora to a folder of instruction data: what is in it, that it comes out the same, and what goes wrong."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from finetune.data.instruction import Instruction, read_instructions
from finetune.data.prepare import Preparation, prepare
from finetune.overlap import segment_hashes
from taiyi.errors import InputError, TaiyiError
from taiyi.tasks import TASKS

NANO = Path(__file__).parents[3] / "models" / "nano"


def made(out: Path, data_dir: Path, mixture: Path, **options: Any) -> Path:
    for _ in prepare(Preparation(mixture, data_dir, out, **options)):
        pass
    return out


def rows_of(path: Path) -> list[Instruction]:
    return [instruction for _, instruction in read_instructions(path)]


def removed_of(out: Path) -> dict[str, list[str]]:
    with (out / "removed.tsv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: [row["reason"], row["detail"]] for row in csv.DictReader(file, delimiter="\t")}


@pytest.fixture
def out(tmp_path: Path, corpora_dir: Path, mixture_file: Path) -> Path:
    return made(tmp_path / "out", corpora_dir, mixture_file)


def test_a_corpus_of_two_types_is_asked_for_both_and_for_each_alone(out: Path) -> None:
    rows = {row.id: row for row in rows_of(out / "type1.train.jsonl") if row.corpus == "bc5cdr"}
    assert {id: row.reply for id, row in rows.items()} == {
        "bc5cdr:1001#all": "Chemical: Zinc; zinc; copper\nDisease: nausea; Nausea",
        "bc5cdr:1001#Chemical": "Chemical: Zinc; zinc; copper",
        "bc5cdr:1001#Disease": "Disease: nausea; Nausea",
        "bc5cdr:1002#all": "Chemical:\nDisease: Gout; gout",
        "bc5cdr:1002#Chemical": "Chemical:",
        "bc5cdr:1002#Disease": "Disease: Gout; gout",
    }


def test_every_reply_reads_back_without_an_issue(out: Path) -> None:
    for row in rows_of(out / "type1.train.jsonl"):
        request = row.to_request()
        assert TASKS[row.task].prompt(request).messages == row.messages[:-1]
        assert TASKS[row.task].parse(row.reply, request).issues == ()


def test_a_repeated_question_comes_in_two_templates_with_its_options_in_any_order(out: Path) -> None:
    rows = [row for row in rows_of(out / "type1.train.jsonl") if row.corpus == "kuake_qic"]
    assert sorted(row.id for row in rows) == [f"kuake_qic:s{n}{repeat}" for n in range(4) for repeat in ("", "~2")]
    assert all(len({row.template for row in rows if row.id[:12] == f"kuake_qic:s{n}"}) == 2 for n in range(4))
    assert len({tuple(row.request["labels"]) for row in rows}) > 1
    assert len({frozenset(row.request["labels"]) for row in rows}) == 1


def test_dialogues_are_kept_whole_in_their_own_words(out: Path) -> None:
    rows = {row.id: row for row in rows_of(out / "type2.train.jsonl")}
    assert [message.content for message in rows["talks:talks.jsonl:2"].messages] == [
        "你好",
        "您好！",
        "推荐一本书",
        "《昆虫记》，读来不累。",
    ]
    assert {row.template for row in rows.values()} == {None}


def test_parts_that_are_reported_on_are_held_out_and_others_watched(out: Path) -> None:
    assert {row.id for row in rows_of(out / "type1.dev.jsonl")} == {"kuake_qic:s6", "kuake_qic:s6~2"}
    assert {row.id for row in rows_of(out / "type2.dev.jsonl")} == {"talks:talks.jsonl:3"}
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert [source["held_out"] for source in report["sources"]] == [0, 1, 1]


def test_what_was_removed_is_listed_with_the_reason(out: Path) -> None:
    assert removed_of(out) == {
        "kuake_qic:s4": ["duplicate", "kuake_qic:s1"],
        "kuake_qic:s4~2": ["duplicate", "kuake_qic:s1~2"],
        "talks:talks.jsonl:5": ["empty reply", ""],
    }


def test_the_report_counts_what_the_files_hold(out: Path) -> None:
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    counts = {source["corpus"]: (source["made"], source["train"], source["dev"]) for source in report["sources"]}
    assert counts == {"bc5cdr": (6, 6, 0), "kuake_qic": (12, 8, 2), "talks": (4, 2, 1)}
    table = {(row["table"], row["lang"]): (row["here"], row["listed"], row["table_1"]) for row in report["table"]}
    assert table["NER", "en"] == (6, 43650, 28603)
    assert table["TC", "zh"] == (8, 37624, 37624)
    assert table["general", "both"] == (2, None, 560000)
    text = (out / "report.md").read_text(encoding="utf-8")
    assert "| Named Entity Recognition | en | 6 | 43,650 | 28,603 |" in text
    assert "| bc5cdr | entities | 1 | 2 | 0 | 0 | 6 | 0 | 0 | 0 | 0 | 6 | 0 | 650 |" in text


def test_the_manifest_names_every_file_by_its_hash(out: Path) -> None:
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    inside = {path.name for path in out.iterdir()}
    assert inside == {*manifest["files"], "manifest.json"}
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    assert set(manifest["sources"]) == {"CDR_TrainingSet.PubTator.txt", "KUAKE-QIC_train.json", "talks.jsonl"}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    out: Path, tmp_path: Path, corpora_dir: Path, mixture_file: Path
) -> None:
    again, other = (made(tmp_path / f"seed{seed}", corpora_dir, mixture_file, seed=seed) for seed in (0, 1))
    assert {p.name: p.read_bytes() for p in again.iterdir()} == {p.name: p.read_bytes() for p in out.iterdir()}
    name = "type1.train.jsonl"
    assert (other / name).read_bytes() != (out / name).read_bytes()
    assert {row.id for row in rows_of(other / name)} == {row.id for row in rows_of(out / name)}
    assert [row.id for row in rows_of(other / name)] != [row.id for row in rows_of(out / name)]


def test_documents_of_a_test_set_are_removed_and_the_set_is_named(
    tmp_path: Path, corpora_dir: Path, mixture_file: Path
) -> None:
    hashes = tmp_path / "own.tsv"
    text = "Nausea followed zinc, not copper."
    hashes.write_text("".join(f"ours\t{digest}\n" for digest in segment_hashes(text)), encoding="utf-8")
    out = made(tmp_path / "out", corpora_dir, mixture_file, fingerprints=(hashes,))
    assert removed_of(out)["bc5cdr:1001"] == ["leak", "ours: 100% by segments"]
    assert {row.id[:11] for row in rows_of(out / "type1.train.jsonl") if row.corpus == "bc5cdr"} == {"bc5cdr:1002"}
    assert "| ours | 1 | bc5cdr 1 |" in (out / "report.md").read_text(encoding="utf-8")


def test_documents_of_a_reported_development_part_are_removed(
    tmp_path: Path, corpora_dir: Path, mixture_file: Path
) -> None:
    source = (corpora_dir / "CDR_TrainingSet.PubTator.txt").read_text(encoding="utf-8")
    second = source[source.index("1002|t") :]
    (corpora_dir / "CDR_DevelopmentSet.PubTator.txt").write_text(second, encoding="utf-8")
    out = made(tmp_path / "out", corpora_dir, mixture_file)
    assert removed_of(out)["bc5cdr:1002"] == ["leak", "bc5cdr (dev): 100% by same text"]


def test_missing_corpora_are_all_named_with_where_to_get_them(
    tmp_path: Path, corpora_dir: Path, mixture_file: Path
) -> None:
    for name in ("CDR_TrainingSet.PubTator.txt", "KUAKE-QIC_train.json"):
        (corpora_dir / name).unlink()
    with pytest.raises(InputError) as error:
        made(tmp_path / "out", corpora_dir, mixture_file)
    told = str(error.value)
    assert "names 2 corpora that are not under" in told
    assert "--skip-missing" in told
    assert "bc5cdr: There is no CDR_TrainingSet.PubTator.txt" in told
    assert "kuake_qic: There is no KUAKE-QIC_train.json" in told
    assert "https://tianchi.aliyun.com/dataset/95414" in told


def test_skipped_corpora_stand_in_the_report(tmp_path: Path, corpora_dir: Path, mixture_file: Path) -> None:
    (corpora_dir / "KUAKE-QIC_train.json").unlink()
    out = made(tmp_path / "out", corpora_dir, mixture_file, skip_missing=True)
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert [row["corpus"] for row in report["missing"]] == ["kuake_qic"]
    assert "**Without 1 corpora of the mixture**" in (out / "report.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            "{corpus: biored, split: dev, task: entities, type: 1}",
            "trains on biored/dev, which the evaluation",
        ),
        (
            "{corpus: pubmedqa, task: choose, type: 2, set_aside: {held_out: []}}",
            "the evaluation of pubmedqa reports on its part 'report'; name that in held_out.",
        ),
    ],
)
def test_a_mixture_may_not_train_on_what_is_reported_on(row: str, told: str, tmp_path: Path, corpora_dir: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(f"rows:\n  - {row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=told):
        made(tmp_path / "out", corpora_dir, path)


def test_a_row_of_another_task_than_its_corpus_is_told(tmp_path: Path, corpora_dir: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("rows:\n  - {corpus: kuake_qic, task: choose, type: 1}\n", encoding="utf-8")
    with pytest.raises(InputError, match="says that kuake_qic has the task choose, but its task is classify"):
        made(tmp_path / "out", corpora_dir, path)
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out.part").exists()


def test_a_folder_of_something_else_is_not_overwritten(tmp_path: Path, corpora_dir: Path, mixture_file: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.docx").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match="was not made by prepare"):
        made(out, corpora_dir, mixture_file)
    assert (out / "thesis.docx").read_text(encoding="utf-8") == "years of work"


def test_lengths_are_in_tokens_of_the_model_that_is_named(
    tmp_path: Path, corpora_dir: Path, mixture_file: Path
) -> None:
    out = made(tmp_path / "out", corpora_dir, mixture_file, tokenizer=str(NANO))
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    lengths = report["lengths"]
    assert lengths["unit"] == "tokens"
    n_chars = sum(len(message.content) for row in rows_of(out / "type1.train.jsonl") for message in row.messages)
    assert 0 < lengths["types"]["1"]["learnt"] < lengths["types"]["1"]["total"] < n_chars


def test_a_tokenizer_that_is_not_there_is_told(tmp_path: Path, corpora_dir: Path, mixture_file: Path) -> None:
    with pytest.raises(InputError, match="There is no tokenizer"):
        made(tmp_path / "out", corpora_dir, mixture_file, tokenizer=str(tmp_path / "none"))


def test_a_former_output_is_replaced_only_when_the_new_one_is_whole(
    out: Path, tmp_path: Path, corpora_dir: Path, mixture_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (out / "manifest.json").read_bytes()

    def full(*_: object) -> dict[str, int]:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("finetune.data.prepare._linted", full)
        with pytest.raises(InputError, match=r"out: the instructions cannot be written \(No space left on device\)"):
            made(out, corpora_dir, mixture_file, seed=1)
    assert (out / "manifest.json").read_bytes() == before
    made(out, corpora_dir, mixture_file, seed=1)
    assert (out / "manifest.json").read_bytes() != before
    assert not list(tmp_path.glob("out.*"))


def test_a_folder_that_another_run_is_making_is_left_alone(
    tmp_path: Path, corpora_dir: Path, mixture_file: Path
) -> None:
    (tmp_path / "out.part").mkdir()
    with pytest.raises(InputError, match=r"out\.part is there: another run is making .*out, or was killed"):
        made(tmp_path / "out", corpora_dir, mixture_file)
    assert (tmp_path / "out.part").exists()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, corpora_dir: Path, mixture_file: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="the instructions cannot be written"):
        made(tmp_path / "file" / "out", corpora_dir, mixture_file)


def test_a_corpus_in_another_encoding_is_told_with_its_file(
    tmp_path: Path, corpora_dir: Path, mixture_file: Path
) -> None:
    path = corpora_dir / "KUAKE-QIC_train.json"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    with pytest.raises(TaiyiError, match=r"KUAKE-QIC_train\.json.*UTF-8"):
        made(tmp_path / "out", corpora_dir, mixture_file)
