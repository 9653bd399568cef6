"""The templates as data: the same in both languages, and safe to fill."""

import random
import unicodedata

import pytest

from taiyi.errors import InputError
from taiyi.language import LANGUAGES
from taiyi.prompts import PROMPTS_FOLDER, Template, choose, templates, words
from taiyi.tasks import TASKS

OWN_WORDS = ("chat", "question")  # what the person types is the prompt (paper, "Instruction-tuning data construction")


@pytest.mark.parametrize("task", TASKS)
def test_both_languages_have_the_same_templates_with_the_same_fields(task):
    zh, en = templates(task, "zh"), templates(task, "en")
    assert [template.id for template in zh] == [template.id for template in en]
    assert [template.fields for template in zh] == [template.fields for template in en]
    assert len({template.id for template in en}) == len(en)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("task", [task for task in TASKS if task not in OWN_WORDS])
def test_a_task_is_asked_for_in_fifteen_ways_that_differ_in_their_words(task, lang):
    """About 15 a task and language, as in the paper; case, width, marks and white space make no difference."""
    found = templates(task, lang)
    plain = {"".join(filter(str.isalnum, unicodedata.normalize("NFKC", row.text).casefold())) for row in found}
    assert len(plain) == len(found) >= 15


@pytest.mark.parametrize("task", TASKS)
def test_every_template_holds_what_the_first_one_holds(task):
    first, *others = templates(task, "en")
    assert "text" in first.fields
    assert all(template.fields - {"source"} == first.fields for template in others)


@pytest.mark.parametrize("task", TASKS)
def test_both_languages_have_the_same_words(task):
    assert set(words(task, "zh")) == set(words(task, "en"))


def test_every_file_belongs_to_a_task():
    assert {path.stem for path in PROMPTS_FOLDER.glob("*/*.yaml")} == set(TASKS)


def test_filling_looks_into_no_value():
    template = Template("t", "{labels}: {text}")
    assert template.fill(labels="{text}", text="{labels} {0} \\g<1> {{x}}") == "{text}: {labels} {0} \\g<1> {{x}}"
    with pytest.raises(KeyError):
        template.fill(text="x")


def test_a_template_is_chosen_by_id_by_chance_or_as_the_first():
    assert choose("entities", "en").id == "identify"
    assert choose("entities", "zh", "recognise").id == "recognise"
    chosen = {choose("entities", "en", rng=random.Random(seed)).id for seed in range(400)}
    assert chosen == {template.id for template in templates("entities", "en")}
    with pytest.raises(InputError, match="identify"):
        choose("entities", "en", "nonesuch")
