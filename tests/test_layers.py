"""Who may import whom: the layers of the design, read from the imports themselves."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
VALUES = {"taiyi.document", "taiyi.errors", "taiyi.language"}
LOW = VALUES | {"taiyi.align", "taiyi.conversation", "taiyi.prompts", "taiyi.labels", "taiyi.card", "taiyi.segment"}
LOW |= {"taiyi.assertion", "taiyi.agreement"}

# Module or package → what of ours it may import (itself and its own package always).
ALLOWED: dict[str, set[str]] = {
    "taiyi.document": {"taiyi.errors"},
    "taiyi.errors": set(),
    "taiyi.language": set(),
    "taiyi.conversation": VALUES,
    "taiyi.labels": VALUES,
    "taiyi.card": VALUES,
    "taiyi.catalogue": set(),
    "taiyi.prompts": VALUES,
    "taiyi.align": VALUES | {"taiyi.tasks.base"},
    "taiyi.segment": VALUES,
    "taiyi.assertion": VALUES | {"taiyi.segment"},
    "taiyi.agreement": VALUES,
    "taiyi.commands": {"taiyi.errors"},
    "taiyi.engine": VALUES | {"taiyi.conversation", "taiyi.config", "taiyi.card"},
    "taiyi.formats": LOW,
    "taiyi.tasks": LOW,
    "taiyi.corpora": VALUES | {"taiyi.conversation", "taiyi.tasks", "taiyi.align"},
    "taiyi.predictors": LOW | {"taiyi.tasks", "taiyi.engine.base"},
    "taiyi.assistant": LOW | {"taiyi.config", "taiyi.engine", "taiyi.predictors", "taiyi.tasks"},
    "taiyi.ui": LOW
    | {"taiyi.assistant", "taiyi.config", "taiyi.engine.base", "taiyi.predictors", "taiyi.tasks", "taiyi.formats"},
}
# Heavy libraries → the only places that may import them when loaded.
HEAVY: dict[str, tuple[str, ...]] = {
    "gradio": ("taiyi.ui",),
    "torch": ("taiyi.engine", "taiyi.predictors.readers"),
    "llguidance": ("taiyi.engine.constrain", "taiyi.engine.closing"),
}


def modules() -> list[tuple[str, Path]]:
    """Every module of the package with its dotted name."""
    found = []
    for path in sorted((ROOT / "taiyi").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found.append((".".join(parts[:-1] if parts[-1] == "__init__" else parts), path))
    return found


def imports_of(path: Path) -> set[str]:
    """Dotted names that a module imports anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def inside(name: str, place: str) -> bool:
    return name == place or name.startswith(place + ".")


@pytest.mark.parametrize("layer", sorted(ALLOWED))
def test_a_layer_imports_only_what_stands_below_it(layer: str) -> None:
    for name, path in modules():
        if inside(name, layer):
            for imported in imports_of(path):
                if inside(imported, "taiyi") and imported != "taiyi" and not inside(imported, layer):
                    assert any(inside(imported, place) for place in ALLOWED[layer]), f"{name} imports {imported}"


def test_nothing_in_the_package_imports_what_stands_on_it() -> None:
    for name, path in modules():
        for imported in imports_of(path):
            assert imported.split(".")[0] not in {"finetune", "eval", "app"}, f"{name} imports {imported}"


@pytest.mark.parametrize("library", sorted(HEAVY))
def test_a_heavy_library_is_imported_only_where_it_belongs(library: str) -> None:
    for name, path in modules():
        if any(inside(imported, library) for imported in imports_of(path)):
            assert any(inside(name, place) for place in HEAVY[library]), f"{name} imports {library}"


def test_importing_the_light_modules_loads_no_heavy_library() -> None:
    """`import taiyi.tasks` stays quick: nothing of torch, gradio or transformers comes with it."""
    code = (
        "import sys, taiyi.tasks, taiyi.config, taiyi.formats, taiyi.predictors.llm;"
        "print([m for m in ('torch', 'gradio', 'transformers', 'docx', 'pypdf') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
