"""The card of the Chinese entity specialist, from measured figures: `taiyi.yaml` for the product, README.md to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from string import Template
from typing import Any

import yaml

from eval.metrics import micro_f1
from finetune.specialists.chinese_calibration import Figures
from finetune.specialists.model_card import MISUSE, MISUSE_HEADING
from taiyi.card import CARD_FILE
from taiyi.predictors.readers.nested_spans import Calibration
from taiyi.predictors.readers.nested_spans_network import SpanNetwork

TEMPLATE_FILE = Path(__file__).with_suffix(".md")


def card_of(
    network: SpanNetwork, settings: Mapping[str, Any], calibrations: Mapping[str, Calibration], figures: Figures
) -> dict[str, Any]:
    """The content of `taiyi.yaml`."""
    place = {"task": "entities", "lang": "zh", "set": "cmeee", "part": "report"}
    config = asdict(network.config)
    return {
        "name": {"en": "Chinese medical entities", "zh": "中文医学实体"},
        "kind": "nested_spans",
        "task": "entities",
        "lang": "zh",
        "labels": {label: label for label in network.labels},
        "n_parameters": sum(weight.numel() for weight in network.parameters()),
        "scores": [
            {**place, "metric": metric, "value": round(value, 4), "n": figures.n_texts}
            for metric, value in figures.values().items()
        ],
        "notes": {
            "en": "Trained from scratch on CMeEE V1, for research. Mentions may nest; scores are calibrated.",
            "zh": "在 CMeEE V1 上从零训练，仅供研究；可识别嵌套实体，分数经过校准。",
        },
        "settings": {
            "window_chars": settings["window_chars"],
            "max_name_chars": settings["max_name_chars"],
            "network": {**config, "dilations": list(config["dilations"])},
            "labels": {label: asdict(calibration) for label, calibration in calibrations.items()},
        },
    }


def write_card(folder: Path, card: Mapping[str, Any], figures: Figures, facts: Mapping[str, Any]) -> None:
    """Write both files; `facts` fills the places of the template that neither card nor figures know."""
    text = yaml.safe_dump(card, allow_unicode=True, sort_keys=False, width=110)
    (folder / CARD_FILE).write_text(text, encoding="utf-8")
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    measured = [[metric, f"{value:.3f}"] for metric, value in figures.values().items()]
    ranges = [
        [f"{row.low:.1f} to {row.low + 0.1:.1f}", str(row.n), f"{row.mean_score:.3f}", f"{row.share_right:.3f}"]
        for row in figures.reliability
    ]
    filled = Template(TEMPLATE_FILE.read_text(encoding="utf-8")).substitute(
        facts,
        misuse_heading=MISUSE_HEADING,
        misuse=MISUSE,
        n_parameters=f"{card['n_parameters'] / 1e6:.1f} million",
        size_mb=f"{size / 1e6:.1f}",
        max_mention_chars=card["settings"]["network"]["max_mention_chars"],
        window_chars=card["settings"]["window_chars"],
        n_report=figures.n_texts,
        figures=_table(["metric", "value"], measured),
        by_label=", ".join(f"{label} {micro_f1(counts):.3f}" for label, counts in figures.by_text.items()) + ".",
        reliability=_table(["score", "mentions", "mean score", "share right"], ranges),
        ece=f"{figures.calibration_error:.3f}",
    )
    (folder / "README.md").write_text(filled, encoding="utf-8")


def _table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])
