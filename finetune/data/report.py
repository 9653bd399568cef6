"""The report of a preparation: what stands in report.json, and in report.md for readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from finetune.data.mixture import TABLES, Missing
from finetune.data.published import instances_of, listed_sums, place_of, published_table
from finetune.data.tally import LENGTH_BOUNDS, Kept, SourceCounts
from taiyi.prompts import templates

Content = dict[str, Any]

SOURCE_COLUMNS = (
    *("corpus", "task", "type", "documents", "held out", "leaks", "made", "refused"),
    *("duplicates", "near duplicates", "over cap", "train", "dev", "paper"),
)


def report_content(counts: Sequence[SourceCounts], kept: Kept, missing: Sequence[Missing], unit: str) -> Content:
    """What is told of the data. `unit` is that of the lengths: "characters" or "tokens"."""
    return {
        "table": _table(kept),
        "sources": [_source(source) for source in counts],
        "leaks": _leaks(counts),
        "missing": [{"corpus": row.corpus, "looked_for": row.looked_for, "get": row.get} for row in missing],
        "templates": _templates(kept),
        "lengths": _lengths(kept, unit),
    }


def _table(kept: Kept) -> list[Content]:
    """The rows of Table 1 by language: training instances here, in the authors' list and in the table."""
    here: Counter[tuple[str, str]] = Counter()
    for (table, lang), count in kept.by_table.items():
        here[place_of(table, lang)] += count
    listed, printed = listed_sums(), published_table()
    return [
        {
            "table": table,
            "name": TABLES[table],
            "lang": lang,
            "here": here[table, lang],
            "listed": listed.get((table, lang)),
            "table_1": printed[table, lang],
        }
        for table, lang in printed
    ]


def _source(source: SourceCounts) -> Content:
    row = source.row
    told: Content = {"corpus": row.name, "task": row.task, "type": row.type, "table": row.table}
    told |= {"documents": source.documents, "held_out": source.held_out, "leaks": dict(sorted(source.leaks.items()))}
    told |= {"made": source.made, "refused": dict(sorted(source.refused.items()))}
    told |= {"duplicates": source.duplicates, "near_duplicates": source.near_duplicates, "over_cap": source.over_cap}
    return told | {"train": source.train, "dev": source.dev, "published": instances_of(row.corpus)}


def _leaks(counts: Sequence[SourceCounts]) -> Content:
    """By test set the documents removed, in all and by corpus."""
    by_set: dict[str, Counter[str]] = {}
    for source in counts:
        for name, count in source.leaks.items():
            by_set.setdefault(name, Counter())[source.row.name] += count
    return {
        name: {"documents": by_corpus.total(), "by_corpus": dict(by_corpus.most_common())}
        for name, by_corpus in sorted(by_set.items())
    }


def _templates(kept: Kept) -> list[Content]:
    """How often each template of the tasks and languages at work was used, never used ones among them."""
    used = sorted({(task, lang) for task, lang, _ in kept.templates})
    return [
        {
            "task": task,
            "lang": lang,
            "counts": {row.id: kept.templates[task, lang, row.id] for row in templates(task, lang)},
        }
        for task, lang in used
    ]


def _lengths(kept: Kept, unit: str) -> Content:
    """How many conversations are up to so long, by type; "more" are those beyond the last bound."""
    return {
        "unit": unit,
        "types": {
            str(kind): {
                "up_to": {str(bound or "more"): counts[bound] for bound in (*LENGTH_BOUNDS, 0)},
                "longest": kept.longest.get(kind, 0),
                "total": kept.total_length[kind],
                "learnt": kept.learnt_length[kind],
            }
            for kind, counts in kept.lengths.items()
        },
    }


def report_markdown(content: Mapping[str, Any]) -> str:
    """The report for readers."""
    return "\n".join(_lines(content)) + "\n"


def _lines(content: Mapping[str, Any]) -> Iterator[str]:
    settings = content["settings"]
    yield "# Instruction data"
    yield ""
    yield f"Made by `{settings['command']}` with seed {settings['seed']}, from {settings['mixture']}."
    if settings["limit"]:
        yield f"A trial: at most {settings['limit']:,} documents of each corpus were read."
    yield from _missing_lines(content["missing"])
    yield from ["", "## By task, beside the paper's Table 1", ""]
    yield "Training instances. By the authors' list of datasets, Table 1 has its two NER figures the other way round."
    yield ""
    yield from _grid(
        ("task type", "language", "here", "authors' list", "Table 1"),
        [(row["name"], row["lang"], row["here"], row["listed"], row["table_1"]) for row in content["table"]],
    )
    yield from ["", "## By corpus", ""]
    yield "Documents read, held out for reports, and found in test sets; instructions made and left out; what remains."
    yield ""
    yield from _grid(
        SOURCE_COLUMNS,
        [_source_cells(row) for row in content["sources"]],
    )
    yield from _leak_lines(content["leaks"])
    yield from _template_lines(content["templates"])
    yield from _length_lines(content["lengths"])
    yield from _lint_lines(content["lint"])


def _missing_lines(missing: Sequence[Mapping[str, str]]) -> Iterator[str]:
    if missing:
        yield from ["", f"**Without {len(missing)} corpora of the mixture**, whose files are not at hand:", ""]
        for row in missing:
            yield f"- {row['corpus']}: {row['looked_for']}" + (f" Where to get it: {row['get']}" if row["get"] else "")


def _source_cells(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        *(row[key] for key in ("corpus", "task", "type", "documents", "held_out")),
        sum(row["leaks"].values()),
        row["made"],
        sum(row["refused"].values()),
        *(row[key] for key in ("duplicates", "near_duplicates", "over_cap", "train", "dev", "published")),
    )


def _leak_lines(leaks: Mapping[str, Any]) -> Iterator[str]:
    yield from ["", "## Leaks", ""]
    yield "Documents that stand in a test set, or in a development part that is reported on; removed.tsv names them."
    yield ""
    rows = [(name, row["documents"], _listed(row["by_corpus"])) for name, row in leaks.items()]
    yield from _grid(("set", "documents", "of"), rows) if rows else ["None."]


def _template_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield from ["", "## Templates", ""]
    yield "Questions and dialogues are asked in their own words."
    yield ""
    cells = []
    for row in rows:
        counts = row["counts"]
        used = f"{sum(map(bool, counts.values()))} of {len(counts)}"
        cells.append((row["task"], row["lang"], used, _listed(counts)))
    yield from _grid(("task", "language", "used", "times"), cells)


def _length_lines(lengths: Mapping[str, Any]) -> Iterator[str]:
    yield from [
        "",
        "## Lengths",
        "",
        f"Conversations of up to so many {lengths['unit']}, prompts and replies together.",
        "",
    ]
    bounds = next(iter(lengths["types"].values()))["up_to"]
    rows = [
        (f"type {kind}", *row["up_to"].values(), *(row[key] for key in ("longest", "total", "learnt")))
        for kind, row in lengths["types"].items()
    ]
    head = (f"{int(bound):,}" if bound.isdigit() else bound for bound in bounds)
    yield from _grid(("", *head, "longest", "in all", "of replies"), rows)


def _lint_lines(found: Mapping[str, int]) -> Iterator[str]:
    yield from ["", "## Lint", ""]
    yield f"`python -m finetune lint` on these files finds: {_listed(found) or 'nothing'}."


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _grid(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    """A Markdown table; numbers to the right."""
    numeric = [all(isinstance(row[n], int | None) for row in rows) for n in range(len(head))]
    yield f"| {' | '.join(head)} |"
    yield "|" + "|".join("---:" if right else "---" for right in numeric) + "|"
    for row in rows:
        yield f"| {' | '.join(_cell(cell) for cell in row)} |"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", "\\|")
