"""The READMEs say what is so: their commands exist, their paths are there, both languages show the same."""

from __future__ import annotations

import argparse
import re
from importlib import import_module
from pathlib import Path

import pytest
import yaml

import app
from docs.readme import filled
from eval.__main__ import VERBS
from finetune.nano.__main__ import parser
from taiyi.tasks import TASKS

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README_zh.md")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", READMES)
def test_every_option_of_the_app_is_named_and_every_named_one_exists(name: str) -> None:
    known = {option for action in app.parser()._actions for option in action.option_strings if option != "-h"}
    named = set(re.findall(r"--[a-z][a-z-]+", text_of(name)))
    assert known <= named
    parsed = "".join(evaluation_commands(name) + training_commands(name))  # by tests of their own
    known |= set(re.findall(r"--[a-z][a-z-]+", parsed))
    shell = {"--types", "--predictor", "--question", "--options", "--text-b", "--data", "--out", "--work", "--rounds"}
    shell |= {"--format", "--differences", "--threshold", "--scheme"}
    shell |= {"--lang", "--task", "--json"}
    assert named - known - shell <= {"--limit", "--sample", "--seed", "--structured-outputs-config"}


@pytest.mark.parametrize("name", READMES)
def test_every_task_of_the_shell_examples_exists(name: str) -> None:
    tasks = re.findall(r"python -m taiyi ([a-z]+)", text_of(name))
    assert tasks
    assert set(tasks) <= {*TASKS, "datasets"}


def evaluation_commands(name: str) -> list[str]:
    return re.findall(r"python -m eval ([a-z][^#`\n]*)", text_of(name))


def training_commands(name: str) -> list[str]:
    return re.findall(r"(?m)^    python -m finetune ([a-z][^#`\n]*)", text_of(name))


@pytest.mark.parametrize("name", (*READMES, "docs/evaluation.md"))
def test_every_command_of_the_evaluation_is_one(name: str) -> None:
    commands = [command.split() for command in evaluation_commands(name)]
    assert {verb for verb, *_ in commands} >= set(VERBS)
    for verb, *options in commands:
        options_of = argparse.ArgumentParser(exit_on_error=False)
        import_module(f"eval.verbs.{verb}").add_arguments(options_of)
        options_of.parse_args(options)


@pytest.mark.parametrize("name", (*READMES, "finetune/README.md"))
def test_every_command_of_the_training_is_one(name: str) -> None:
    commands = [command.split() for command in training_commands(name)]
    assert {verb for verb, *_ in commands} >= {"prepare", "lint", "train", "merge", "check"}
    for verb, *options in commands:
        options_of = argparse.ArgumentParser(exit_on_error=False)
        import_module(f"finetune.verbs.{verb}").add_arguments(options_of)
        named = options_of.parse_args(options)
        if verb == "train":
            assert (ROOT / named.config).is_file()


@pytest.mark.parametrize("name", ["finetune/nano/README.md", "finetune/nano/card_sections/main.md"])
def test_every_command_of_the_bundled_model_is_one(name: str) -> None:
    commands = re.findall(r"(?m)^ +python -m finetune.nano ([a-z][^#`\n]*)", text_of(name))
    assert commands
    for command in commands:
        parser().parse_args(command.split())


@pytest.mark.parametrize("name", READMES)
def test_every_linked_file_is_there(name: str) -> None:
    for path in re.findall(r"\]\(([^)#:]+)\)", text_of(name)):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize(("lang", "name"), [("en", "README.md"), ("zh", "README_zh.md")])
def test_the_scores_and_the_tree_are_those_of_the_cards_and_the_files(lang: str, name: str) -> None:
    assert filled(text_of(name), lang) == text_of(name), "run python docs/readme.py"


def test_the_front_matter_makes_the_repository_a_space() -> None:
    front = yaml.safe_load(text_of("README.md").split("---")[1])
    assert front["sdk"] == "gradio"
    assert (ROOT / front["app_file"]).is_file()
    assert f"gradio[mcp]=={front['sdk_version']}" in text_of("requirements.txt")


@pytest.mark.parametrize("name", READMES)
def test_the_medical_notice_stands_in_the_first_screen(name: str) -> None:
    words = {"README.md": "Not medical advice", "README_zh.md": "不构成医疗建议"}
    assert words[name] in text_of(name)[:3500]
