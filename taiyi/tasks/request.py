"""From plain values, as a page, a shell or a script has them, to a checked Request."""

from __future__ import annotations

from collections.abc import Sequence

from taiyi.conversation import Message
from taiyi.errors import InputError
from taiyi.language import LANGUAGES, detect_language
from taiyi.tasks.base import Occurrences, Request

NEEDS_LABELS = frozenset({"entities", "relations", "causality", "events", "classify", "similarity", "entailment"})
NEEDS_SECOND_TEXT = frozenset({"similarity", "entailment"})
MAX_LABELS = 500
MAX_CHARS = 1_000_000


def make_request(
    task: str,
    text: str,
    *,
    lang: str | None = None,
    text_lang: str | None = None,
    labels: Sequence[str] = (),
    roles: Sequence[str] = (),
    options: Sequence[str] = (),
    question: str = "",
    text_b: str = "",
    multi: bool = False,
    history: Sequence[Message] = (),
    system: str = "",
    template: str | None = None,
    occurrences: Occurrences = "all",
    scheme: str = "",
    document_id: str = "text",
) -> Request:
    """A Request with languages detected where they are None, blank and repeated labels dropped, and the text kept
    exactly as given.

    Raises InputError with the codes unknown_language, empty_text, text_too_long, no_labels, too_many_labels,
    empty_second_text, empty_question, too_few_options, too_many_options.
    """
    for value in (lang, text_lang):
        if value is not None and value not in LANGUAGES:
            raise InputError(
                f"The language {value!r} is not known; use one of {', '.join(LANGUAGES)}.",
                code="unknown_language",
                value=value,
            )
    if not any(char.isprintable() and not char.isspace() for char in text):
        raise InputError("There is no text. Type or load one.", code="empty_text")
    if len(text) > MAX_CHARS:
        raise InputError(
            f"The text has {len(text):,} characters; at most {MAX_CHARS:,} can be read at once.",
            code="text_too_long",
            length=f"{len(text):,}",
            limit=f"{MAX_CHARS:,}",
        )
    wanted = _distinct(labels)
    if task in NEEDS_LABELS and not wanted:
        raise InputError("No types are chosen. Choose or type in at least one.", code="no_labels")
    if len(wanted) > MAX_LABELS:
        raise InputError(
            f"{len(wanted)} types are chosen; at most {MAX_LABELS} can be asked for at once.",
            code="too_many_labels",
            count=len(wanted),
            limit=MAX_LABELS,
        )
    if task in NEEDS_SECOND_TEXT and not text_b.strip():
        raise InputError("The second text is missing.", code="empty_second_text")
    if task == "passage" and not question.strip():
        raise InputError("There is no question about the passage.", code="empty_question")
    choices = tuple(option.strip() for option in options if option.strip())
    if task == "choose" and len(choices) < 2:
        raise InputError("A multiple-choice question needs at least two options.", code="too_few_options")
    if len(choices) > 26:
        raise InputError("A question can have at most 26 options.", code="too_many_options", limit=26)
    seen_text_lang = text_lang or detect_language(text)
    return Request(
        task=task,
        text=text,
        lang=lang or seen_text_lang,
        text_lang=seen_text_lang,
        labels=wanted,
        roles=_distinct(roles),
        options=choices,
        question=question,
        text_b=text_b,
        multi=multi,
        history=tuple(history),
        system=system,
        template=template,
        occurrences=occurrences,
        scheme=scheme,
        document_id=document_id,
    )


def _distinct(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))
