"""What the page offers to other programs: an endpoint a task, usable from gradio_client, over HTTP, and as MCP tools.

Each returns the JSON object of a result, the same as the shell and the downloads.
"""

from __future__ import annotations

from typing import Any, get_args

import gradio as gr

from taiyi.assistant import CHOICES, Assistant
from taiyi.conversation import Message
from taiyi.engine.base import SamplingParams
from taiyi.errors import TaiyiError
from taiyi.tasks.base import Occurrences
from taiyi.tasks.request import make_request


class Endpoints:
    """The functions, for one assistant. Their docstrings become the descriptions of the MCP tools."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def chat(
        self,
        message: str,
        history: list[dict[str, str]] | None = None,
        system: str = "",
        max_new_tokens: int = 512,
        temperature: float = 0.0,
        seed: int | None = None,
    ) -> dict[str, Any]:
        """Answer a chat message in English or Chinese. Generated text; not medical advice.

        Args:
            message: The new message of the user.
            history: Earlier turns, oldest first, as objects with "role" ("user" or "assistant") and "content".
            system: A system prompt, or empty.
            max_new_tokens: The most tokens to generate.
            temperature: 0 always takes the likeliest token; higher values vary more.
            seed: Makes sampling repeatable.

        Returns:
            An object with "answer".
        """
        turns = tuple(Message(_role(row), str(row.get("content", ""))) for row in history or ())
        settings = {"max_new_tokens": max_new_tokens, "temperature": temperature, "seed": seed}
        return self._answer("chat", message, history=turns, system=system, settings=settings)

    def entities(
        self,
        text: str,
        types: list[str],
        predictor: str = "auto",
        occurrences: str = "all",
        lang: str = "",
        text_lang: str = "",
        scheme: str = "",
    ) -> dict[str, Any]:
        """Find mentions of the given types in a biomedical text, each at its place.

        Args:
            text: The text, English or Chinese.
            types: Entity types, for example ["Chemical", "Disease"] or ["疾病", "药物"].
            predictor: Who answers: "auto", "specialist", "llm" or "both".
            occurrences: Which places of a repeated mention: "all", "first" or "generated".
            lang: Language of the prompt, "en" or "zh"; empty for that of the text.
            text_lang: Language of the text, "en" or "zh"; empty to detect it.
            scheme: The corpus as whose annotators the specialist shall mark, for example "ncbi_disease"; empty leaves
                it to the types.

        Returns:
            An object with "entities": type, text, start, end (code points, end exclusive), score, and attributes where
            the text negates or doubts a mention; with "both" also "agreement": F1, kappa by type, differences.
        """
        return self._answer(
            "entities",
            text,
            predictor,
            labels=types,
            occurrences=occurrences,
            scheme=scheme,
            lang=lang,
            text_lang=text_lang,
        )

    def relations(self, text: str, types: list[str], lang: str = "", text_lang: str = "") -> dict[str, Any]:
        """Find relations of the given types between mentions in a biomedical text.

        Args:
            text: The text, English or Chinese.
            types: Relation types, for example ["chemical-induced disease"] or ["药物治疗"].
            lang: Language of the prompt, "en" or "zh"; empty for that of the text.
            text_lang: Language of the text, "en" or "zh"; empty to detect it.

        Returns:
            An object with "relations": type, head and tail with their places, score.
        """
        return self._answer("relations", text, labels=types, lang=lang, text_lang=text_lang)

    def events(
        self, text: str, types: list[str], roles: list[str] | None = None, lang: str = "", text_lang: str = ""
    ) -> dict[str, Any]:
        """Find events of the given types with their triggers and arguments in a biomedical text.

        Args:
            text: The text, English or Chinese.
            types: Event types.
            roles: The roles to fill, for example ["Cause", "Theme"].
            lang: Language of the prompt, "en" or "zh"; empty for that of the text.
            text_lang: Language of the text, "en" or "zh"; empty to detect it.

        Returns:
            An object with "events": type, trigger, arguments, score.
        """
        return self._answer("events", text, labels=types, roles=roles or (), lang=lang, text_lang=text_lang)

    def classify(
        self,
        text: str,
        classes: list[str],
        multi: bool = False,
        predictor: str = "auto",
        lang: str = "",
        text_lang: str = "",
    ) -> dict[str, Any]:
        """Say which of the given classes a text belongs to.

        Args:
            text: The text, English or Chinese.
            classes: The classes to choose from.
            multi: Whether several classes may hold.
            predictor: Who answers: "auto", "specialist", "llm" or "both".
            lang: Language of the prompt, "en" or "zh"; empty for that of the text.
            text_lang: Language of the text, "en" or "zh"; empty to detect it.

        Returns:
            An object with "labels": type, score.
        """
        return self._answer("classify", text, predictor, labels=classes, multi=multi, lang=lang, text_lang=text_lang)

    def choose(
        self, question: str, options: list[str], context: str = "", lang: str = "", text_lang: str = ""
    ) -> dict[str, Any]:
        """Answer a multiple-choice question.

        Args:
            question: The question.
            options: The options; they are lettered A, B, C in this order.
            context: A text to answer from, or empty.
            lang: Language of the prompt, "en" or "zh"; empty for that of the text.
            text_lang: Language of the question, "en" or "zh"; empty to detect it.

        Returns:
            An object with "labels": the letter of the option as type, score.
        """
        text, asked = (context, question) if context else (question, "")
        return self._answer("choose", text, options=options, question=asked, lang=lang, text_lang=text_lang)

    def compare(
        self, text: str, text_b: str, labels: list[str], task: str = "similarity", lang: str = "", text_lang: str = ""
    ) -> dict[str, Any]:
        """Compare two texts: their similarity in meaning, or whether the second follows from the first.

        Args:
            text: The first text.
            text_b: The second text.
            labels: The labels to choose from, for example ["similar", "dissimilar"] or ["蕴含", "中立", "矛盾"].
            task: "similarity" or "entailment".
            lang: Language of the prompt, "en" or "zh"; empty for that of the text.
            text_lang: Language of the texts, "en" or "zh"; empty to detect it.

        Returns:
            An object with "labels": type, score.
        """
        if task not in ("similarity", "entailment"):
            raise _refused(f'The task {task!r} is not known; use "similarity" or "entailment".')
        return self._answer(task, text, text_b=text_b, labels=labels, lang=lang, text_lang=text_lang)

    def translate(self, text: str, lang: str = "", text_lang: str = "") -> dict[str, Any]:
        """Translate a biomedical text from English to Chinese or from Chinese to English.

        Args:
            text: The text; it is translated into the other language.
            lang: Language of the prompt, "en" or "zh"; empty for that of the text.
            text_lang: Language of the text, "en" or "zh"; empty to detect it.

        Returns:
            An object with "answer", the translation.
        """
        return self._answer("translate", text, lang=lang, text_lang=text_lang)

    def report(self, dialogue: str, lang: str = "", text_lang: str = "") -> dict[str, Any]:
        """Write a medical report in six sections from a dialogue between doctor and patient.

        Args:
            dialogue: The dialogue, a line a turn.
            lang: Language of the report, "en" or "zh"; empty for that of the dialogue.
            text_lang: Language of the dialogue, "en" or "zh"; empty to detect it.

        Returns:
            An object with "sections": name, text.
        """
        return self._answer("report", dialogue, lang=lang, text_lang=text_lang)

    def title(self, text: str, task: str = "title", lang: str = "", text_lang: str = "") -> dict[str, Any]:
        """Write a title for a text, or a short summary of it.

        Args:
            text: The text, for example an abstract.
            task: "title" or "summary".
            lang: Language of the prompt, "en" or "zh"; empty for that of the text.
            text_lang: Language of the text, "en" or "zh"; empty to detect it.

        Returns:
            An object with "answer".
        """
        if task not in ("title", "summary"):
            raise _refused(f'The task {task!r} is not known; use "title" or "summary".')
        return self._answer(task, text, lang=lang, text_lang=text_lang)

    def _answer(
        self, task: str, text: str, predictor: Any = "auto", settings: Any = None, **fields: Any
    ) -> dict[str, Any]:
        if predictor not in CHOICES:
            raise _refused(f"The predictor {predictor!r} is not known; use one of {', '.join(CHOICES)}.")
        if fields.get("occurrences", "all") not in get_args(Occurrences):
            raise _refused(f"Occurrences are one of {', '.join(get_args(Occurrences))}.")
        fields |= {name: fields.get(name) or None for name in ("lang", "text_lang")}
        try:
            request = make_request(task, text, **fields)
            params = SamplingParams(**settings) if settings else None
            return self._assistant.answer(request, choice=predictor, params=params).to_dict()
        except TaiyiError as error:
            raise _refused(str(error)) from error


def _role(row: dict[str, str]) -> Any:
    if row.get("role") not in ("user", "assistant"):
        raise _refused('Each turn of the history needs a "role", "user" or "assistant".')
    return row["role"]


def _refused(message: str) -> gr.Error:
    """An error that reaches the caller as a sentence, and no log."""
    return gr.Error(message, print_exception=False)


NAMES = ("chat", "entities", "relations", "events", "classify", "choose", "compare", "translate", "report", "title")


def offer(assistant: Assistant) -> None:
    """Add the endpoints to the page being built."""
    endpoints = Endpoints(assistant)
    for name in NAMES:
        gr.api(getattr(endpoints, name), api_name=name)
