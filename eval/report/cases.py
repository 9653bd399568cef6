"""Single cases to look at: the text with gold and predicted mentions in one view, what was missed, what was wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape

from eval.judging.counting import surface
from eval.report.errors import KINDS
from eval.report.html import page
from eval.report.runs import Case, Run
from eval.sets import load_sets
from taiyi.document import Document, Entity, Span
from taiyi.formats.html import highlight

# What became of a mention: its word and its hue.
FOUND, MISSED, WRONG = ("✓", 165), ("missed", 40), ("wrong", 350)
FATES: dict[str, str] = dict(KINDS) | {"unparsed": "not readable", "right": "all right", "written": "written text"}
RULES = """
.filters{position:sticky;top:0;z-index:1;display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;align-items:center;
padding:.6rem 0;background:var(--page);border-bottom:1px solid var(--line)}
.filters label{display:flex;gap:.4rem;align-items:center}
select{font:inherit;max-width:60vw;padding:.2rem .4rem;color:inherit;background:var(--card);
border:1px solid var(--muted);border-radius:.4rem}
.case{content-visibility:auto;contain-intrinsic-size:auto 16rem;background:var(--card);border:1px solid var(--line);
border-radius:.6rem;margin:1rem 0;padding:.4rem 1rem 1rem}
.case h3{font-size:1rem;margin:.4rem 0;overflow-wrap:anywhere}.case h3 small{color:var(--muted);font-weight:400}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.8rem 0 0}
dt{color:var(--muted)}dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:.85rem/1.5 ui-monospace,Consolas,"Noto Sans Mono CJK SC",monospace}
summary{cursor:pointer;color:var(--accent)}
@media (max-width:40rem){dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}
"""
SCRIPT = """
const chosen = document.querySelectorAll("select"), cases = document.querySelectorAll(".case");
function show() {
  let n = 0;
  for (const item of cases) {
    item.hidden = ![...chosen].every(s => !s.value || item.dataset[s.name].split("|").includes(s.value));
    n += !item.hidden;
  }
  for (const part of document.querySelectorAll("section")) part.hidden = !part.querySelector(".case:not([hidden])");
  document.querySelector("output").textContent = `${n} of ${cases.length} shown`;
}
for (const select of chosen) select.addEventListener("change", show);
document.querySelector(".filters").hidden = false;
show();
"""


def cases_page(runs: Sequence[Run], limit: int) -> str:
    """A page with at most `limit` cases a run and set, spread evenly over it; how many are left out is said.

    Without script all of them are shown; with it they can be chosen by run, set and kind of error.
    """
    sections = [_section(run, name, limit) for run in runs for name in run.rows]
    sets = list(dict.fromkeys(name for run in runs for name in run.rows))
    filters = "".join(
        (
            _select("run", "Run", {run.name: run.name for run in runs}) if len(runs) > 1 else "",
            _select("set", "Set", {name: name for name in sets}),
            _select("kinds", "Kind", FATES),
        )
    )
    intro = (
        "<p>Marked in the text: what was found (<b>✓</b>), what was <b>missed</b>, and what is <b>wrong</b>: "
        "predicted, but not in the annotation. Of repeated mentions all places are marked; the score counts a text and "
        "type once a document.</p>"
    )
    return page(
        "Cases",
        f'<h1>Cases</h1>{intro}<form class="filters" hidden>{filters}<output aria-live="polite"></output></form>'
        + "".join(sections),
        rules=RULES,
        script=SCRIPT,
    )


def _select(name: str, shown: str, options: Mapping[str, str]) -> str:
    rows = "".join(f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in options.items())
    return (
        f'<label>{shown} <select name="{name}" autocomplete="off"><option value="">all</option>{rows}</select></label>'
    )


def _section(run: Run, name: str, limit: int) -> str:
    cases = list(run.cases(name))
    shown = spread(cases, limit)
    n_left_out = len(cases) - len(shown)
    more = f", spread evenly over the set; the other {n_left_out:,} are in {name}.jsonl" if n_left_out else ""
    return (
        f"<section><h2>{escape(name)} <small>({escape(run.name)}, {escape(run.split(name))} part)</small></h2>"
        f"<p>{len(shown):,} of {len(cases):,} cases{more}.</p>"
        f"{''.join(_case(run, name, case) for case in shown)}</section>"
    )


def spread(cases: Sequence[Case], limit: int) -> list[Case]:
    """At most `limit` of them, at equal distances, in order."""
    if len(cases) <= limit:
        return list(cases)
    return [cases[n * len(cases) // limit] for n in range(limit)]


def kinds_of(case: Case) -> tuple[str, ...]:
    """What can be said of a case, as keys of FATES. A written text is neither right nor wrong."""
    kinds = dict.fromkeys(error.kind for error in case.judgement.errors)
    if case.judgement.unparsed:
        return (*kinds, "unparsed")
    is_written = case.gold.answer is not None or case.gold.sections
    return tuple(kinds) or ("written" if is_written else "right",)


def _case(run: Run, name: str, case: Case) -> str:
    return (
        f'<article class="case" data-run="{escape(run.name)}" data-set="{escape(name)}" '
        f'data-kinds="{"|".join(kinds_of(case))}"><h3>{escape(case.id)} <small>{escape(_said(case))}</small></h3>'
        f"{_shown(case, load_sets()[name].task)}</article>"
    )


def _said(case: Case) -> str:
    return ", ".join(FATES[kind] for kind in kinds_of(case))


def _shown(case: Case, task: str) -> str:
    """What was read, what is to be said of it, and what passed between us and the model. A question stands with its
    options in the prompt alone."""
    raw = {"Prompt": case.prompt, "Reply": case.reply}
    asked = raw.pop("Prompt") if task == "choose" else ""
    text = f"<pre>{escape(asked)}</pre>" if asked else _text(case, task)
    return text + _facts(case) + _details(raw)


def _text(case: Case, task: str) -> str:
    document = marked(case.gold, case.predicted, task)
    return highlight(document, hue_by_label={e.label: _hue(e.label) for e in document.entities})


def _hue(label: str) -> int:
    return next(hue for word, hue in (FOUND, MISSED, WRONG) if label.endswith(word))


def _facts(case: Case) -> str:
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in _said_rows(case))
    return f"<dl>{rows}</dl>" if rows else ""


def _said_rows(case: Case) -> Iterator[tuple[str, str]]:
    """What stands below the text: classes, written answers, and each thing that is wrong."""
    for who, document in (("annotation", case.gold), ("answer", case.predicted)):
        if document is not None and document.labels:
            yield who, ", ".join(label.name for label in document.labels)
        if document is not None and (document.answer or document.sections):
            yield who, document.answer or "\n".join(f"{part.name}: {part.text}" for part in document.sections)
    for error in case.judgement.errors:
        yield KINDS[error.kind], " → ".join(filter(None, (error.gold, error.predicted)))
    for issue in case.issues:
        yield "note", f"{issue.kind}: {issue.detail}"


def _details(text_by_name: Mapping[str, str]) -> str:
    return "".join(
        f"<details><summary>{escape(name)}</summary><pre>{escape(text)}</pre></details>"
        for name, text in text_by_name.items()
        if text
    )


def marked(gold: Document, predicted: Document | None, task: str) -> Document:
    """The text with the mentions of both, each labelled with its type and what became of it.

    As in the score, type and text decide, not the place. Of relations the heads and tails are marked.
    """
    wanted, given = _mentions(gold, task), _mentions(predicted, task) if predicted else {}
    right = set(wanted.values()) & set(given.values())
    entities = []
    for n, place in enumerate(sorted({**wanted, **given}, key=lambda place: place[1]), 1):
        fate = FOUND if (wanted | given)[place] in right else MISSED if place in wanted else WRONG
        entities.append(Entity(f"m{n}", f"{place[0]} {fate[0]}".strip(), place[1]))
    return replace(gold, entities=tuple(entities), relations=(), events=())


def _mentions(document: Document, task: str) -> dict[tuple[str, tuple[Span, ...]], tuple[str, str]]:
    """By type and place, the type and text of each mention that the task asks for."""
    entities = document.entities
    if task == "relations":
        ends = {name for relation in document.relations for name in (relation.head, relation.tail)}
        entities = tuple(replace(entity, label="") for entity in entities if entity.id in ends)
    return {(e.label, e.spans): (e.label, surface(document.text_of(e.spans))) for e in entities}
