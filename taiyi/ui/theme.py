"""How the page looks: one palette for light and one for dark, and everything that is made of them."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from taiyi.formats import html

ASSETS = Path(__file__).parent / "assets"
FONT = ["system-ui", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"]
MONO = ["ui-monospace", "Consolas", "Noto Sans Mono CJK SC", "monospace"]

# What an answer shows in Markdown may name a picture on another host: the browser is told to ask nobody but our server.
POLICY = "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; form-action 'self'; base-uri 'self'"

# page: behind everything; surface: cards and boxes; sunken: what lies in a card; line: borders that only divide;
# edge: borders that say "type here"; ink and muted: text; accent: what can be pressed, with the text on it.
LIGHT = {
    "page": "#f5f7f6",
    "surface": "#ffffff",
    "sunken": "#eef2f0",
    "line": "#dbe2df",
    "edge": "#7d8b87",
    "ink": "#182322",
    "muted": "#4f5f5c",
    "accent": "#11665f",
    "accent-strong": "#0b4f4a",
    "on-accent": "#ffffff",
    "soft": "#e0efec",
    "danger": "#a1261b",
    "danger-soft": "#fcedea",
    "warn": "#6f4b00",
    "warn-soft": "#fbf2dc",
}
DARK = {
    "page": "#101616",
    "surface": "#182020",
    "sunken": "#1f2929",
    "line": "#2c3838",
    "edge": "#70807d",
    "ink": "#e4ebe9",
    "muted": "#a3b3b0",
    "accent": "#74cbbf",
    "accent-strong": "#9adfd5",
    "on-accent": "#06211e",
    "soft": "#1c3431",
    "danger": "#ffa99d",
    "danger-soft": "#3b1f1c",
    "warn": "#f0cb7d",
    "warn-soft": "#352a11",
}


def stylesheet() -> str:
    """All style of the page: the palettes as variables, the rules for marked text, and the page's own."""
    rules = [
        f":root{{{_variables(LIGHT)}}}.dark{{{_variables(DARK)}}}",
        html.stylesheet(".dark"),
        (ASSETS / "page.css").read_text(encoding="utf-8"),
    ]
    return "\n".join(rules)


def _variables(palette: dict[str, str]) -> str:
    return ";".join(f"--ui-{name}:{color}" for name, color in palette.items())


def head() -> str:
    """The policy, and the page's script, which runs before the first component is there."""
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    return f"{policy}<script>{(ASSETS / 'page.js').read_text(encoding='utf-8')}</script>"


def theme() -> gr.themes.Base:
    """gradio's own components in the palette. System fonts only: nothing is fetched."""
    used = {
        "body_background_fill": "page",
        "body_text_color": "ink",
        "body_text_color_subdued": "muted",
        "background_fill_primary": "surface",
        "background_fill_secondary": "sunken",
        "block_background_fill": "surface",
        "block_border_color": "line",
        "block_label_background_fill": "surface",
        "block_label_text_color": "muted",
        "block_title_text_color": "muted",
        "block_info_text_color": "muted",
        "border_color_primary": "line",
        "border_color_accent": "accent",
        "color_accent_soft": "soft",
        "panel_background_fill": "surface",
        "input_background_fill": "surface",
        "input_border_color": "edge",
        "input_border_color_focus": "accent",
        "input_placeholder_color": "muted",
        "button_primary_background_fill": "accent",
        "button_primary_background_fill_hover": "accent-strong",
        "button_primary_border_color": "accent",
        "button_primary_text_color": "on-accent",
        "button_primary_text_color_hover": "on-accent",
        "button_secondary_background_fill": "surface",
        "button_secondary_background_fill_hover": "soft",
        "button_secondary_border_color": "line",
        "button_secondary_text_color": "ink",
        "button_secondary_text_color_hover": "ink",
        "button_cancel_background_fill": "danger-soft",
        "button_cancel_background_fill_hover": "danger-soft",
        "button_cancel_border_color": "danger",
        "button_cancel_text_color": "danger",
        "button_cancel_text_color_hover": "danger",
        "checkbox_background_color": "surface",
        "checkbox_background_color_selected": "accent",
        "checkbox_border_color": "edge",
        "checkbox_border_color_selected": "accent",
        "checkbox_label_background_fill": "surface",
        "checkbox_label_background_fill_hover": "soft",
        "checkbox_label_background_fill_selected": "soft",
        "checkbox_label_text_color": "ink",
        "checkbox_label_text_color_selected": "ink",
        "slider_color": "accent",
        "loader_color": "accent",
        "link_text_color": "accent",
        "link_text_color_hover": "accent-strong",
    }
    colors = {name: f"var(--ui-{role})" for name, role in used.items()}
    colors |= {f"{name}_dark": value for name, value in colors.items()}
    return gr.themes.Base(
        font=FONT, font_mono=MONO, radius_size=gr.themes.sizes.radius_md, spacing_size=gr.themes.sizes.spacing_md
    ).set(
        **colors,
        block_border_width="0px",
        block_shadow="none",
        block_padding="0px",
        block_title_text_weight="600",
        block_label_text_weight="600",
        input_border_width="1px",
        input_shadow="none",
        button_large_radius="8px",
        button_small_radius="999px",
        button_secondary_border_color_hover="var(--ui-accent)",
        button_border_width="1px",
        layout_gap="14px",
    )
