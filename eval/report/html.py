"""A report as one HTML page: self-contained, light or dark as the reader's system is, loading and running nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape

from eval.report.content import Picture, Report, Section, Table
from taiyi.formats.html import stylesheet

RULES = """
:root{--page:#f5f7f6;--card:#fff;--line:#dbe2df;--muted:#4f5f5c;--accent:#11665f;--soft:#e0efec}
@media (prefers-color-scheme:dark){
:root{--page:#101616;--card:#182020;--line:#2c3838;--muted:#a3b3b0;--accent:#74cbbf;--soft:#1c3431}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ty-ink);
font:16px/1.6 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:76rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.6rem;line-height:1.25;overflow-wrap:anywhere}h2{font-size:1.2rem;margin:2.5rem 0 .5rem}
p{max-width:52rem;margin:.5rem 0}a{color:var(--accent)}
.scroll{overflow-x:auto;margin:1rem 0;background:var(--card);border:1px solid var(--line);border-radius:.6rem}
.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
caption{text-align:start;padding:.7rem .8rem;font-weight:600}
th,td{padding:.4rem .8rem;border-top:1px solid var(--line);text-align:start;vertical-align:top}
thead th{color:var(--muted);font-weight:600;vertical-align:bottom}
tbody th{font-weight:500;min-width:8.5em}tbody tr:hover>*{background:var(--soft)}
thead th:first-child,tbody th{position:sticky;left:0;background:var(--card)}
.number{text-align:end;white-space:nowrap}
figure.scroll{padding:.5rem;background:#fff}
figure img{display:block;width:100%;min-width:34rem;max-width:60rem;height:auto;margin:0 auto}
"""


def report_page(report: Report) -> str:
    """The page of a report. Its policy allows its own style and the pictures in it, nothing else."""
    body = "".join(_section(section) for section in report.sections)
    links = "".join(f'<li><a href="{escape(file)}">{escape(what)}</a></li>' for file, what in report.links)
    return page(report.title, f"<h1>{escape(report.title)}</h1>{f'<ul>{links}</ul>' if links else ''}{body}")


def page(title: str, body: str, *, rules: str = "", script: str = "") -> str:
    """A whole page around `body` (markup). `script` is the only one that may run: the policy names its hash."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    if script:
        digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
        policy += f"; script-src 'sha256-{digest}'"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(title)}</title>'
        f"<style>{stylesheet()}{RULES}{rules}</style></head>\n<body><main>{body}</main>"
        f"{f'<script>{script}</script>' if script else ''}</body></html>\n"
    )


def _section(section: Section) -> str:
    return "".join(_parts(section))


def _parts(section: Section) -> Iterator[str]:
    yield f"<section><h2>{escape(section.heading)}</h2>"
    yield from (f"<p>{escape(paragraph)}</p>" for paragraph in section.paragraphs)
    for block in section.blocks:
        yield _table(block) if isinstance(block, Table) else _picture(block)
    yield "</section>"


def _table(table: Table) -> str:
    """A table in a box that scrolls by itself, which the keyboard can reach, so that the page never does."""

    def side(n: int) -> str:
        return ' class="number"' if n >= table.n_words else ""

    head = "".join(f'<th scope="col"{side(n)}>{escape(column)}</th>' for n, column in enumerate(table.columns))
    rows = []
    for name, *cells in table.rows:
        values = "".join(f"<td{side(n)}>{escape(cell)}</td>" for n, cell in enumerate(cells, 1))
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{values}</tr>')
    caption = escape(table.caption)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _picture(picture: Picture) -> str:
    data = base64.b64encode(picture.png).decode("ascii")
    image = f'<img src="data:image/png;base64,{data}" alt="{escape(picture.alt)}">'
    return f'<figure class="scroll" tabindex="0">{image}</figure>'
