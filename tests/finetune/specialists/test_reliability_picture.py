"""The picture is well-formed, and its points stand where the figures put them."""

from __future__ import annotations

from xml.etree import ElementTree

from eval.metrics import ReliabilityRow
from finetune.specialists.reliability_picture import reliability_svg

SVG = "{http://www.w3.org/2000/svg}"
ROWS = [ReliabilityRow(0.5, 10, 0.5, 0.25), ReliabilityRow(0.9, 40, 0.95, 1.0)]


def test_a_point_stands_at_the_mean_score_and_the_share_that_is_right() -> None:
    """On 140 pixels: .5 is 70 from the left, a quarter 105 from the top; .95 is 133."""
    root = ElementTree.fromstring(reliability_svg({"cmeee": ROWS}))
    points = [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in root.iter(f"{SVG}circle")]
    assert points == [(70, 105), (133, 0)]


def test_the_bars_are_as_high_as_there_are_items() -> None:
    root = ElementTree.fromstring(reliability_svg({"cmeee": ROWS}))
    heights = [float(r.attrib["height"]) for r in root.iter(f"{SVG}rect") if r.attrib["class"] == "bar"]
    assert heights == [6, 24]


def test_every_set_has_a_panel_and_a_fifth_one_begins_a_row() -> None:
    root = ElementTree.fromstring(reliability_svg({f"<{n}>": ROWS for n in range(5)}))
    titles = [text.text for text in root.iter(f"{SVG}text") if text.attrib.get("class") == "title"]
    assert titles == ["<0>", "<1>", "<2>", "<3>", "<4>"]
    moves = [group.attrib["transform"] for group in root.iter(f"{SVG}g")]
    assert moves[0].split()[0] == moves[4].split()[0]
    assert moves[0] != moves[4]
    assert (root.attrib["width"], root.attrib["height"]) == ("768", "408")


def test_the_picture_follows_a_dark_theme() -> None:
    assert "prefers-color-scheme: dark" in reliability_svg({"cmeee": ROWS})
