"""Translation from the language of the text into the other one.

`Request.lang` is the language in which the model is asked, `Request.text_lang` that of the text; the target is always
the language that the text is not in.
"""

from __future__ import annotations

from taiyi.language import LANGUAGES
from taiyi.prompts import words
from taiyi.tasks.base import Request
from taiyi.tasks.writing import WritingTask


def target_of(request: Request) -> str:
    """The language to translate into."""
    return next(lang for lang in LANGUAGES if lang != request.text_lang)


class TranslateTask(WritingTask):
    """English to Chinese, or Chinese to English."""

    id = "translate"

    def fields(self, request: Request) -> dict[str, str]:
        """The text, and both languages by their names in the prompt's language."""
        names = words(self.id, request.lang)
        return {"text": request.text, "source": names[request.text_lang], "target": names[target_of(request)]}
