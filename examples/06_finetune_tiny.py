"""From a corpus to a model that was trained on it, in a minute: `PYTHONPATH=. python examples/06_finetune_tiny.py`.

A corpus of twelve queries, four steps: enough to see every command and file, not to learn anything. With the official
files in a folder, `--data` names that folder, and finetune/configs/ has the paper's mixture and settings.
"""

import json
import tempfile
from pathlib import Path

from finetune.__main__ import main
from taiyi.assistant import load_assistant
from taiyi.config import Settings
from taiyi.tasks.request import make_request

QUERIES = {
    "咳嗽有黄痰吃什么药": "治疗方案",
    "湿疹怎么治好得快": "治疗方案",
    "胃溃疡用什么办法能根治": "治疗方案",
    "做一次肠镜多少钱": "医疗费用",
    "拔智齿要花多少费用": "医疗费用",
    "打一针狂犬疫苗什么价格": "医疗费用",
    "感冒期间能不能游泳": "注意事项",
    "拆线以后几天可以洗澡": "注意事项",
    "服用阿莫西林时要忌口吗": "注意事项",
    "胸口疼是得了什么病": "病情诊断",
    "手指关节肿胀是类风湿吗": "病情诊断",
    "眼皮一直跳是怎么回事": "病情诊断",
}
MIXTURE = "rows:\n  - {corpus: kuake_qic, task: classify, type: 1}\n"


def finetune(*arguments: object) -> None:
    """What `python -m finetune` does with these arguments."""
    if main([str(argument) for argument in arguments]) != 0:
        raise SystemExit(1)


with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    rows = [{"id": f"q{n}", "query": query, "label": label} for n, (query, label) in enumerate(QUERIES.items())]
    (folder / "KUAKE-QIC_train.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    (folder / "mixture.yaml").write_text(MIXTURE, encoding="utf-8")

    finetune("prepare", "--data", folder, "--mixture", folder / "mixture.yaml", "--out", folder / "instructions")
    finetune("lint", folder / "instructions" / "type1.train.jsonl")
    settings = {"data": folder / "instructions", "out": folder / "stage", "max_steps": 4, "save_steps": 2}
    changes = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    finetune("train", "finetune/configs/small/stage1.yaml", *changes)
    finetune("merge", folder / "stage")
    finetune("check", folder / "stage", "--max-new-tokens", 12)

    assistant = load_assistant(Settings(model=str(folder / "stage" / "merged")))
    labels = tuple(dict.fromkeys(QUERIES.values()))
    result = assistant.answer(make_request("classify", "近视手术要花多少钱", labels=labels), choice="llm")
    print("近视手术要花多少钱 →", ", ".join(label.name for label in result.document.labels), "by", result.by)
    assistant.close()
