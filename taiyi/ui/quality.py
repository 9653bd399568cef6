"""What the page says about the models: who they are, how well each task is done, and what the loaded one can't do."""

from __future__ import annotations

from dataclasses import replace

from taiyi.assistant import Assistant
from taiyi.card import Score
from taiyi.language import LANGUAGES
from taiyi.predictors.base import Result
from taiyi.tasks.base import Request
from taiyi.ui.locale import language_name, t
from taiyi.ui.show import escaped


def size(n_parameters: int | None) -> str:
    """A number of parameters as people write it: 8.0M, 7.6B; empty where it isn't known."""
    if not n_parameters:
        return ""
    for unit, factor in (("B", 10**9), ("M", 10**6), ("K", 10**3)):
        if n_parameters >= factor:
            return f"{n_parameters / factor:.3g}{unit}"
    return str(n_parameters)


def model_line(assistant: Assistant, lang: str) -> str:
    """One line: the model's name, size and limits, and who answers besides it."""
    info = assistant.engine.info
    bound = t("model.constrained" if info.constrained else "model.unconstrained", lang)
    parts = [f"{assistant.card.name(lang, info.name)} {size(info.n_parameters)}".strip()]
    parts += [info.detail] if info.detail else []
    if info.context_tokens:
        parts.append(t("model.context", lang, tokens=f"{info.context_tokens:,}"))
    parts.append(bound)
    if assistant.specialists:
        parts.append(t("model.specialists", lang, n=len(assistant.specialists)))
    if assistant.card.notes.get(lang):
        parts.append(assistant.card.notes[lang])
    return f'<p class="ty-model">{" · ".join(escaped(part) for part in parts)}</p>'


def named_in(assistant: Assistant, result: Result, lang: str) -> Result:
    """The result with its models called as their cards call them in `lang`."""
    by = result.by
    for predictor in (*assistant.specialists, assistant.llm):
        card = assistant.card if predictor is assistant.llm else getattr(predictor, "card", None)
        if card is not None:
            by = by.replace(predictor.name, card.name(lang, predictor.name))
    others = tuple(named_in(assistant, other, lang) for other in result.alternatives)
    return replace(result, by=by, alternatives=others)


def task_quality(assistant: Assistant, tasks: tuple[str, ...], lang: str) -> str:
    """The measured figures of the tasks in both languages, the reader's own first; and where nothing loaded can do one,
    which model can."""
    languages = sorted(LANGUAGES, key=lambda text_lang: text_lang != lang)
    parts = []
    for task in tasks:
        if not any(can_do(assistant, task, text_lang) for text_lang in LANGUAGES):
            said = t("quality.unable", lang, task=t(f"task.{task}", lang))
            parts.append(f'<p class="ty-caution">{escaped(said)}</p>')
            continue
        shown = [_score(score, lang) for text_lang in languages for score in assistant.scores(task, text_lang)]
        if shown:
            title = escaped(t("quality.measured", lang))
            rows = "".join(f"<li>{row}</li>" for row in dict.fromkeys(shown))
            headline = f"<summary>{title} <span>{shown[0]}</span></summary>"
            parts.append(f'<details class="ty-quality">{headline}<ul>{rows}</ul></details>')
    return "".join(parts)


def can_do(assistant: Assistant, task: str, text_lang: str) -> bool:
    """Whether the model, or a specialist for this task, answers texts in a language at all."""
    if assistant.llm.supports(Request(task, lang=text_lang, text_lang=text_lang)):
        return True
    cards = [getattr(specialist, "card", None) for specialist in assistant.specialists]
    return any(card is not None and (card.task, card.lang) == (task, text_lang) for card in cards)


def _score(score: Score, lang: str) -> str:
    said = f"{language_name(score.lang, lang)} · {score.set} · {score.part} · {score.metric} "
    bounds = "" if score.low is None or score.high is None else f"95 %: {score.low:.3f}–{score.high:.3f}, "
    return f"{escaped(said)}<b>{score.value:.3f}</b> ({bounds}n={score.n:,})"
