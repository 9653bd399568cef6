"""From run folders to the report's files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from eval.published import BIORED, published_scores, table_2, table_3
from eval.report.cases import cases_page
from eval.report.content import Picture, Report, Section, Table
from eval.report.errors import errors_table, frequent_table, tallies
from eval.report.html import report_page
from eval.report.making import absent_table, figures_table, rules_table, settings_table, sources_table
from eval.report.markdown import markdown
from eval.report.pictures import Bar, Bars, scores_picture, stages_picture
from eval.report.runs import Run
from eval.report.tables import SYSTEMS, decimal, extra_table, paper_sets, scores_table, types_table
from eval.sets import load_sets

PANELS = ("NER", "RE", "TC", "QA-mc")  # the paper's Figure 4
INTERVALS = (
    "Intervals are 95 % percentile intervals of a bootstrap over the examples of a set; the number of draws and the "
    "seed stand in each signature."
)
PARTS = (
    "“part” says which part of a set was scored. The published values (Taiyi, ChatGPT-3.5 and SOTA: the paper's "
    "Table 2; Taiyi 2: its README) are of the official test parts. Only a figure of the whole test part is their "
    "equal; one of a development part, of a sample or of a substitute is not. CMeEE, CMeIE and KUAKE-QIC have no "
    "public test labels: their test part here is, as in the paper, the official development file."
)
SHARES = (
    "“unparsed” is the share of replies in which no answer could be read, “ungrounded” that of written items that do "
    "not stand in the text. Both count as wrong."
)


def write_report(runs: Sequence[Run], out: Path, *, n_cases: int) -> list[Path]:
    """Writes report.md, report.html, cases.html, scores.png and, of two runs, stages.png; returns their paths."""
    report = make_report(runs)
    contents = {
        "report.md": markdown(report).encode("utf-8", errors="replace"),
        "report.html": report_page(report).encode("utf-8", errors="replace"),
        "cases.html": cases_page(runs, n_cases).encode("utf-8", errors="replace"),
    }
    for section in report.sections:
        contents |= {block.file: block.png for block in section.blocks if isinstance(block, Picture)}
    out.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (out / name).write_bytes(content)
    return [out / name for name in contents]


def make_report(runs: Sequence[Run]) -> Report:
    """The report as a value."""
    names = ", ".join(run.name for run in runs)
    return Report(f"Evaluation: {names}", tuple(_sections(runs)), (("cases.html", "Single cases"),))


def _sections(runs: Sequence[Run]) -> Iterator[Section]:
    if _sets_of(runs, paper_sets()):
        table = scores_table(runs, table_2())
        yield Section("Scores beside the published ones", (PARTS, INTERVALS, SHARES), (table, _scores(runs)))
    if _sets_of(runs, (BIORED,)):
        yield Section("BioRED", (_other_systems(),), (types_table(runs, table_3()),))
    if len(runs) == 2 and all(_sets_of([run], paper_sets()) for run in runs):
        yield Section("The two runs by kind of task", (), (_stages(runs),))
    if _sets_of(runs, [row.name for row in load_sets().values() if row.extra]):
        yield Section("Further sets", (), (extra_table(runs),))
    counted = tallies(runs)
    yield Section("What went wrong", (), _filled(errors_table(counted), frequent_table(counted)))
    yield Section("How the figures were made", (), (figures_table(runs), sources_table(runs), rules_table(runs)))
    if absent := _filled(absent_table(runs)):
        yield Section("What was not run", (), absent)
    yield Section("Settings", (), tuple(settings_table(run) for run in runs))


def _filled(*tables: Table) -> tuple[Table, ...]:
    return tuple(table for table in tables if table.rows)


def _other_systems() -> str:
    """What is published on BioRED without precision and recall."""
    rows = [score for score in published_scores() if score.set == BIORED and len(score.parts) == 1]
    return (
        "; ".join(f"{score.system} over all types: F1 {decimal(score.value)} ({score.source})" for score in rows) + "."
    )


def _sets_of(runs: Sequence[Run], names: Sequence[str]) -> list[str]:
    """Those of the sets that any run has."""
    return [name for name in names if any(name in run.rows for run in runs)]


def _bars(run: Run, names: Sequence[str]) -> Bars:
    rows = {name: run.rows[name] for name in names if name in run.rows}
    return {name: Bar(run.score(name), row["low"], row["high"]) for name, row in rows.items()}


def _named(name: str, runs: Sequence[Run]) -> str:
    """A set with the part that was scored, where it isn't the test part."""
    parts = sorted({run.split(name) for run in runs if name in run.rows})
    return name if parts == ["test"] else f"{name} ({', '.join(parts)})"


def _scores(runs: Sequence[Run]) -> Picture:
    names = _sets_of(runs, paper_sets())
    published = {system: table_2()[system] for system in SYSTEMS}
    png = scores_picture({name: _named(name, runs) for name in names}, _bars_by_run(runs, names), published)
    alt = "Scores with their intervals as bars, published values as marks; the figures are those of Table 2 above."
    return Picture("scores.png", alt, png)


def _stages(runs: Sequence[Run]) -> Picture:
    both = [name for name in paper_sets() if all(name in run.rows for run in runs)]
    panels = {panel: {n: _named(n, runs) for n in both if load_sets()[n].table == panel} for panel in PANELS}
    alt = f"Scores of {runs[0].name} and {runs[1].name} side by side, a panel a kind of task: {', '.join(PANELS)}."
    return Picture("stages.png", alt, stages_picture(panels, _bars_by_run(runs, both)))


def _bars_by_run(runs: Sequence[Run], names: Sequence[str]) -> dict[str, Bars]:
    return {run.name: _bars(run, names) for run in runs}
