"""Writes into the READMEs what can be read from the repository: scores from the cards, the tree from the docstrings.

`python docs/readme.py` writes; a test checks that both READMEs are current.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from eval.judging import METRICS  # noqa: E402
from eval.published import BIORED, table_2, table_3  # noqa: E402
from eval.sets import eval_set  # noqa: E402
from taiyi.card import read_card  # noqa: E402
from taiyi.config import BUNDLED_MODEL, BUNDLED_SPECIALISTS  # noqa: E402

READMES = {"en": "README.md", "zh": "README_zh.md"}
HEADS = {
    "en": "| model | text | set | part | metric | value | 95 % interval | n |\n|---|---|---|---|---|---|---|---|\n",
    "zh": "| 模型 | 文本 | 数据集 | 部分 | 指标 | 数值 | 95 % 区间 | n |\n|---|---|---|---|---|---|---|---|\n",
}
# Scores of the bundled models: what `python -m eval run` left, so that the figures can be made again by command.
BUNDLED_SCORES = ROOT / "eval" / "bundled_scores.json"
BEFORE_DEV_SCORES = ROOT / "eval" / "before_dev_scores.json"
BUNDLED_LLM_SCORES = ROOT / "eval" / "bundled_llm_scores.json"
EVALUATION_HEADS = {
    "en": "| set | part | n | answered by | metric | value | 95 % interval | language model alone (n) "
    "| ChatGPT-3.5 (test) | Taiyi (test) | SOTA (test) |\n",
    "zh": "| 数据集 | 部分 | n | 回答者 | 指标 | 数值 | 95 % 区间 | 仅语言模型（n） "
    "| ChatGPT-3.5（测试集） | 太一（测试集） | SOTA（测试集） |\n",
}
ANSWERED_BY = {
    "en": {"specialist": "specialist", "llm": "language model", "both": "both", "specialist+llm": "each its part"},
    "zh": {"specialist": "专用模型", "llm": "语言模型", "both": "两者", "specialist+llm": "各答一部分"},
}
FOLDERS = ("taiyi", "finetune", "eval", "bench", "docs", "examples")
# What files say of themselves is their docstring; these have none.
SAID = {
    "taiyi/data/prompts/": "templates of every task, a folder a language",
    "taiyi/data/locale/": "words of the page and of every message, in both languages",
    "taiyi/data/models.yaml": "known models: name, size, memory, licence, settings",
    "taiyi/data/presets.yaml": "sets of labels to choose from",
    "taiyi/data/labels.yaml": "concepts behind labels, their names and colours",
    "taiyi/data/samples.yaml": "the examples on the page",
    "taiyi/corpora/rows/": "one row a corpus: files, format, labels, licence, source",
    "eval/sets.yaml": "the evaluation sets: corpus, parts, labels, metric, where to get the files",
    "eval/published.tsv": "published numbers, each with its source",
    "eval/bundled_scores.json": "the bundled models' scores, as a run on the development parts left them",
    "eval/before_dev_scores.json": "the same of those specialists that learnt from a part, before they did",
    "eval/bundled_llm_scores.json": "the same of the bundled language model alone, on 200 examples a set",
    "models/nano/": "the bundled language model with its card",
    "models/specialists/": "the bundled specialists, each with its card",
    "tests/": "mirrors the above; tests/browser drives the page in Chromium",
}
LONGEST = 110


def first_line(path: Path) -> str:
    """The first sentence of a module's docstring, without what follows its first colon of code."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    said = re.split(r"(?<=[.;])\s|: `|\n", docstring)[0].rstrip(".:;")
    return said if len(said) <= LONGEST else said[:LONGEST].rsplit(" ", 1)[0].rstrip(",:;") + " ..."


def tree() -> str:
    """One line a file."""
    rows = [("app.py", first_line(ROOT / "app.py"))]
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            said = first_line(path)
            if said:
                rows.append((path.relative_to(ROOT).as_posix(), said))
    rows += [(name, said) for name, said in SAID.items() if (ROOT / name).exists()]
    rows.sort(key=lambda row: (row[0] != "app.py", not row[0].startswith("taiyi"), row[0].split("/")))
    width = max(len(name) for name, _ in rows)
    return "".join(f"    {name:{width}}  {said}\n" for name, said in rows)


def scores(lang: str) -> str:
    """The first figure of each set on every bundled card; the cards have the others."""
    lines = []
    folders = [*sorted(path.parent for path in BUNDLED_SPECIALISTS.glob("*/taiyi.yaml")), BUNDLED_MODEL]
    for folder in folders:
        card = read_card(folder)
        first = {(row.set, row.part): row for row in reversed(card.scores)}
        for row in (row for row in card.scores if first[row.set, row.part] is row):
            interval = "" if row.low is None or row.high is None else f"{row.low:.3f}–{row.high:.3f}"
            named = (card.name(lang), row.lang, row.set, row.part, row.metric)
            cells = (*named, f"{row.value:.3f}", interval, f"{row.n:,}")
            lines.append(f"| {' | '.join(cells)} |\n")
    return HEADS[lang] + "".join(lines)


def evaluation(lang: str) -> str:
    """A row a set that the bundled models were scored on, beside the published values, which are of the test parts.

    Where the bundled weights have learnt from the part, the row is that of the weights before they did.
    """
    head = EVALUATION_HEADS[lang]
    lines = [head, "|" + "---|" * (head.count("|") - 1) + "\n"]
    alone = {row["set"]: row for row in json.loads(BUNDLED_LLM_SCORES.read_text(encoding="utf-8"))}
    before = {row["set"]: row for row in json.loads(BEFORE_DEV_SCORES.read_text(encoding="utf-8"))}
    for answered in json.loads(BUNDLED_SCORES.read_text(encoding="utf-8")):
        row = before[answered["set"]] if answered["seen"] else answered
        known = eval_set(row["set"])
        headline = METRICS[known.metric].headline
        published = [table_2()[system].get(known.name) for system in ("ChatGPT-3.5", "Taiyi", "SOTA")]
        if known.name == BIORED:
            published = [None, table_3()["all"][2], None]
        cells = (
            known.name,
            row["split"],
            f"{row['n']:,}",
            ANSWERED_BY[lang][row["predictor"]] + ("" if row["offered"] else " ×") + (" †" if answered["seen"] else ""),
            METRICS[known.metric].name,
            f"{row[headline]:.3f}",
            f"{row['low']:.3f}–{row['high']:.3f}",
            f"{alone[known.name][headline]:.3f} ({alone[known.name]['n']:,})" if known.name in alone else "–",
            *("–" if value is None else f"{value:.3f}" for value in published),
        )
        lines.append(f"| {' | '.join(cells)} |\n")
    return "".join(lines)


def constraint() -> str:
    """The rows of entities of the language model's table with and without the grammar; its card has the others."""
    card = (BUNDLED_MODEL / "README.md").read_text(encoding="utf-8")
    section = card.partition("### What the constraint changes\n")[2].partition("\n## ")[0]
    head, line, *rows = re.findall(r"^\|.*\n", section, re.M)
    return "".join([head, line, *(row for row in rows if eval_set(row.split("|")[1].strip()).task == "entities")])


def filled(text: str, lang: str) -> str:
    """A README with its marked parts made anew."""
    for mark, content in (
        ("scores", scores(lang)),
        ("evaluation", evaluation(lang)),
        ("constraint", constraint()),
        ("tree", tree()),
    ):
        begin, end = f"<!-- {mark} -->\n", f"<!-- /{mark} -->\n"
        if begin in text:
            before, _, rest = text.partition(begin)
            text = f"{before}{begin}\n{content}\n{end}{rest.partition(end)[2]}"
    return text


def main() -> None:
    """Write both."""
    for lang, name in READMES.items():
        path = ROOT / name
        path.write_text(filled(path.read_text(encoding="utf-8"), lang), encoding="utf-8")


if __name__ == "__main__":
    main()
