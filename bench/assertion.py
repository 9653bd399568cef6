"""Negation and certainty against annotations: precision, recall and F1 of each attribute.

    python -m bench.assertion --data DIR

Findings of CHIP-CDEE's training file (Chinese clinical notes; their status is 否定, 不确定 or none), the tenth that is
set aside and the rest, from which words were taken up as cues; a trigger that stands more than once in its text is left
out. Triggers of BioNLP-ST 2013 GE (English full texts about molecules; modified by Negation or Speculation): events in
papers are not what the cues were written for, and the figures say how far they are from it.
"""

from __future__ import annotations

import argparse
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from eval.metrics import Counts, micro_f1
from taiyi.assertion import asserted
from taiyi.corpora import read_corpus
from taiyi.corpora.parts import part_of
from taiyi.document import ATTRIBUTES, Document, Entity, Span

STATUS = {"否定": "negated", "不确定": "uncertain"}
MODIFICATION = {"Negation": "negated", "Speculation": "uncertain"}
GE_FILE = "en/bionlp_st_2013_ge/bionlp-st-2013-ge_train_devel.tar.xz"


def clinical_findings(data_dir: Path) -> Iterator[Document]:
    """The documents of CHIP-CDEE with each finding as an entity that has its status as attribute."""
    for example in read_corpus("chip_cdee", "train", data_dir):
        gold = example.gold
        n_by_place = Counter(event.trigger for event in gold.events)
        entities = []
        for event in gold.events:
            if n_by_place[event.trigger] == 1 and gold.text.count(gold.text_of(event.trigger)) == 1:
                stated = {STATUS[a.value] for a in event.arguments if a.value in STATUS}
                entities.append(Entity(event.id, event.label, event.trigger, attributes=tuple(sorted(stated))))
        yield Document(gold.id, gold.lang, gold.text, tuple(entities))


def molecular_events(data_dir: Path) -> Iterator[Document]:
    """The texts of GE with each trigger as an entity that is negated or uncertain where one of its events is."""
    with tarfile.open(data_dir / GE_FILE) as archive:
        files = {m.name: archive.extractfile(m).read().decode() for m in archive.getmembers() if m.isfile()}  # type: ignore[union-attr]
    for name, annotation in files.items():
        if not name.endswith(".a2"):
            continue
        rows = [line.split("\t") for line in annotation.splitlines() if "\t" in line]
        place = {row[0]: tuple(map(int, row[1].split()[1:3])) for row in rows if row[0].startswith("T")}
        trigger = {row[0]: row[1].split()[0].partition(":")[2] for row in rows if row[0].startswith("E")}
        said: dict[str, set[str]] = {mention: set() for mention in trigger.values()}
        for row in rows:
            if row[0].startswith("M"):
                kind, event = row[1].split()
                said[trigger[event]].add(MODIFICATION[kind])
        entities = tuple(Entity(m, "", (Span(*place[m]),), attributes=tuple(sorted(a))) for m, a in said.items())
        yield Document(name, "en", files[name.removesuffix(".a2") + ".txt"], entities)


def counts(documents: Iterable[Document], attribute: str) -> Counts:
    """How often the attribute is said of a mention, and is found."""
    total = Counts()
    for gold in documents:
        bare = replace(gold, entities=tuple(replace(entity, attributes=()) for entity in gold.entities))
        for wanted, found in zip(gold.entities, asserted(bare).entities, strict=True):
            is_gold, is_found = attribute in wanted.attributes, attribute in found.attributes
            total += Counts(is_gold and is_found, is_found and not is_gold, is_gold and not is_found)
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    data_dir = parser.parse_args().data
    findings = list(clinical_findings(data_dir))
    sets = {
        "CHIP-CDEE, set aside": [d for d in findings if part_of(d.text) == "report"],
        "CHIP-CDEE, the rest": [d for d in findings if part_of(d.text) != "report"],
        "BioNLP-ST 2013 GE, train and devel": list(molecular_events(data_dir)),
    }
    print("| set | attribute | precision | recall | F1 | n |\n|---|---|---|---|---|---|")
    for name, documents in sets.items():
        for attribute in ATTRIBUTES:
            c = counts(documents, attribute)
            cells = (name, attribute, f"{c.precision:.3f}", f"{c.recall:.3f}", f"{micro_f1(c):.3f}", str(c.tp + c.fn))
            print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
