"""The chat's turns between the page, the model and files."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from taiyi.conversation import Message
from taiyi.errors import FormatError
from taiyi.ui.history import as_dialogue, loaded, messages, plain, restored, saved, shown, turn

SHOWN = [
    {"role": "user", "content": [{"type": "text", "text": "你好 <b>"}], "metadata": None},
    {"role": "assistant", "content": "Hello\n# not a heading"},
]


def test_gradios_messages_become_ours() -> None:
    assert messages(SHOWN) == (Message("user", "你好 <b>"), Message("assistant", "Hello\n# not a heading"))


@pytest.mark.parametrize("kind", ["json", "md"])
def test_a_saved_chat_is_loaded_as_it_was(tmp_path: Path, kind: str) -> None:
    row = json.loads(saved(SHOWN, "Be brief.", {"temperature": 0.3, "seed": None}, kind, "zh"))
    file = tmp_path / row["name"]
    file.write_bytes(base64.b64decode(row["base64"]))
    conversation, settings = loaded(file)
    assert shown(conversation) == [turn(m.role, m.content) for m in messages(SHOWN)]
    assert conversation.messages[0] == Message("system", "Be brief.")
    assert settings == ({"temperature": 0.3, "seed": None} if kind == "json" else {})


def test_a_file_that_is_no_chat_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(FormatError):
        loaded(file)


@pytest.mark.parametrize("stored", ["", "null", "[1]", "{", '[{"role": "user"}]', '[{"role": "root", "content": "x"}]'])
def test_what_the_browser_kept_badly_is_an_empty_chat(stored: str) -> None:
    assert restored(stored) == []


def test_what_the_browser_kept_is_the_chat() -> None:
    assert [plain(row) for row in restored(json.dumps(SHOWN))] == ["你好 <b>", "Hello\n# not a heading"]


def test_a_chat_becomes_a_dialogue_between_patient_and_doctor() -> None:
    assert as_dialogue([turn("user", "头痛。"), turn("assistant", "多久了？")], "zh") == "患者：头痛。\n医生：多久了？"
