"""Causal relations: the laws of relations hold, and the prompt says which side is the cause."""

import pytest

from taiyi.document import Document, Entity, Relation, Span
from taiyi.prompts import templates
from taiyi.tasks.base import Request
from taiyi.tasks.causality import CausalityTask

TASK = CausalityTask()
TEXT = {
    "en": "Hypokalaemia from 1,2-diol loops; vomiting, severe, led to a prolonged QT interval.",
    "zh": "长期使用1,2-二醇类药物；呕吐（剧烈）可引起低钾血症，低钾血症又导致𠮷氏波改变。",
}


def request(lang: str, *labels: str, template: str | None = None) -> Request:
    return Request("causality", TEXT[lang], lang, lang, labels, template=template)


def gold(lang: str, *triples: tuple[str, str, str]) -> Document:
    text = TEXT[lang]
    names = list(dict.fromkeys(name for cause, effect, _ in triples for name in (cause, effect)))
    spans = [Span(text.index(name), text.index(name) + len(name)) for name in names]
    entities = tuple(Entity(f"T{n}", "", (span,)) for n, span in enumerate(spans))
    relations = tuple(
        Relation(f"R{n}", label, f"T{names.index(cause)}", f"T{names.index(effect)}")
        for n, (cause, effect, label) in enumerate(triples)
    )
    return Document("text", lang, text, entities, relations)


@pytest.mark.parametrize(
    ("lang", "labels", "triples", "reply"),
    [
        (
            "en",
            ("Cause", "Prevent"),
            [("vomiting, severe", "prolonged QT interval", "Cause")],
            "(vomiting\\, severe, prolonged QT interval, Cause)",
        ),
        ("en", ("Prevent",), [], "none"),
        (
            "zh",
            ("因果关系", "条件关系"),
            [("长期使用1,2-二醇类药物", "低钾血症", "条件关系"), ("呕吐（剧烈）", "低钾血症", "因果关系")],
            "(长期使用1,2-二醇类药物, 低钾血症, 条件关系); (呕吐（剧烈）, 低钾血症, 因果关系)",
        ),
        ("zh", ("因果关系",), [], "无"),
    ],
)
def test_what_is_rendered_parses_to_the_same_triples_and_the_grammar_accepts_it(lang, labels, triples, reply, accepts):
    asked = request(lang, *labels)
    document = gold(lang, *triples)
    assert TASK.render(document, asked) == reply
    parsed = TASK.parse(reply, asked)
    names = {entity.id: parsed.document.text_of(entity.spans) for entity in parsed.document.entities}
    assert [(names[r.head], names[r.tail], r.label) for r in parsed.document.relations] == triples
    assert parsed.issues == ()
    assert accepts(TASK.grammar(asked), reply)


def test_the_grammar_refuses_causes_that_the_text_does_not_name(accepts):
    assert not accepts(TASK.grammar(request("en", "Cause")), "(fasting, vomiting, Cause)")


def test_every_english_prompt_speaks_of_causes_or_effects():
    for template in templates("causality", "en"):
        said = TASK.prompt(request("en", "x", template=template.id)).messages[-1].content.lower()
        assert any(word in said for word in ("caus", "effect", "led to", "acts on"))
