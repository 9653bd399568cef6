"""A report as a page: self-contained, and nothing of it runs but the one script that its policy names."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

from eval.report.content import Picture, Report, Section, Table
from eval.report.html import page, report_page

TABLE = Table("Scores", ("set", "f1"), (("<hoc>", "0.585"), ("AVE", "0.585")))
REPORT = Report("One & two", (Section("First", ("Said.",), (TABLE, Picture("a.png", "Bars", b"png"))),))


class Attributes(HTMLParser):
    """All (tag, attributes) of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.rows.append((tag, dict(attrs)))


def test_a_page_names_no_other_address_and_allows_only_its_style_and_its_pictures() -> None:
    text = report_page(REPORT)
    rows = Attributes(text).rows
    policy = next(a["content"] for tag, a in rows if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert all((a.get("src") or "data:").startswith("data:image/png;base64,") for tag, a in rows if tag == "img")
    assert "http://" not in text and "https://" not in text
    assert "<script" not in text


def test_headers_of_rows_and_columns_are_marked_and_pictures_have_words() -> None:
    text = report_page(REPORT)
    assert '<th scope="col">set</th><th scope="col" class="number">f1</th>' in text
    assert '<th scope="row">&lt;hoc&gt;</th><td class="number">0.585</td>' in text
    assert "<caption>Scores</caption>" in text
    assert 'alt="Bars"' in text
    assert "<h1>One &amp; two</h1>" in text
    assert '<html lang="en">' in text


def test_light_and_dark_follow_the_system() -> None:
    text = report_page(REPORT)
    assert "@media (prefers-color-scheme:dark)" in text
    assert '<meta name="color-scheme" content="light dark">' in text


def test_the_policy_allows_a_script_by_the_hash_of_what_stands_between_its_tags() -> None:
    text = page("Cases", "<p>x</p>", script="show();\n")
    script = re.search("<script>(.*?)</script>", text, re.S)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text
