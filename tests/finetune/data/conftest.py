"""A folder of small made corpora in their native forms, and a mixture of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ABSTRACTS = """1001|t|Zinc-induced nausea
1001|a|Nausea followed zinc, not copper.
1001\t0\t4\tZinc\tChemical\tD015032
1001\t13\t19\tnausea\tDisease\tD009325
1001\t20\t26\tNausea\tDisease\tD009325
1001\t36\t40\tzinc\tChemical\tD015032
1001\t46\t52\tcopper\tChemical\tD003300

1002|t|Gout in winter
1002|a|Few complained of gout.
1002\t0\t4\tGout\tDisease\tD006073
1002\t33\t37\tgout\tDisease\tD006073

"""
QUERIES = {
    "怎么治疗感冒": "治疗方案",
    "头痛吃什么药": "治疗方案",
    "胃痛挂什么科": "就医建议",
    "体检报告怎么看": "指标解读",
    "头痛，吃什么药？": "治疗方案",  # the second again
    "感冒能喝酒吗": "注意事项",  # of the part `report`
    "肺结核会传染吗": "疾病表述",  # of the part `tune`
}
DIALOGUES = [
    ["写一首诗", "雨落青瓦，灯照旧窗。"],
    ["你好", "您好！", "推荐一本书", "《昆虫记》，读来不累。"],
    ["讲个笑话", "鱼问水：你怎么总跟着我？"],  # of the part `tune`
    ["明天天气如何", "我看不到天气预报。"],  # of the part `report`
    ["怎样学好英语", ""],
]
MIXTURE = """
rows:
  - {corpus: bc5cdr, task: entities, type: 1, subtasks: each, set_aside: {held_out: [], dev: []}}
  - {corpus: kuake_qic, task: classify, type: 1, repeats: 2}
  - {corpus: talks, task: chat, type: 2, table: general, files: [talks.jsonl]}
"""


def _turns(texts: list[str]) -> list[dict[str, str]]:
    return [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(texts)]


@pytest.fixture
def corpora_dir(tmp_path: Path) -> Path:
    """Two abstracts of BC5CDR's training file, seven queries of KUAKE-QIC's, five dialogues."""
    folder = tmp_path / "corpora"
    folder.mkdir()
    (folder / "CDR_TrainingSet.PubTator.txt").write_text(ABSTRACTS, encoding="utf-8")
    queries = [{"id": f"s{n}", "query": query, "label": label} for n, (query, label) in enumerate(QUERIES.items())]
    (folder / "KUAKE-QIC_train.json").write_text(json.dumps(queries, ensure_ascii=False), encoding="utf-8")
    lines = (json.dumps({"messages": _turns(texts)}, ensure_ascii=False) for texts in DIALOGUES)
    (folder / "talks.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def mixture_file(tmp_path: Path) -> Path:
    """A mixture of the three corpora."""
    path = tmp_path / "mixture.yaml"
    path.write_text(MIXTURE, encoding="utf-8")
    return path
