"""Models that can't be loaded are said in one sentence; the table of known models fits the code that reads it."""

from __future__ import annotations

import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from taiyi.engine import load_engine
from taiyi.engine.base import SamplingParams
from taiyi.engine.known import known_models
from taiyi.engine.loading import ChatTokenizer
from taiyi.errors import ModelError
from tests.taiyi.engine.conftest import make_model, make_tokenizer

ROOT = Path(__file__).parents[3]


def test_a_model_that_brings_its_own_code_is_sent_to_a_server(tmp_path: Path) -> None:
    config = {"model_type": "chatglm", "auto_map": {"AutoConfig": "configuration_chatglm.ChatGLMConfig"}}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelError, match="openai:http") as caught:
        load_engine(str(tmp_path))
    assert caught.value.code == "needs_own_code"


def test_taiyi_by_its_hub_name_is_sent_to_a_server_too() -> None:
    with pytest.raises(ModelError, match="openai:http"):
        load_engine("DUTIR-BioNLP/Taiyi2-chat")


def test_an_adapter_given_for_a_model_is_told_from_one(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="--adapter") as caught:
        load_engine(str(tmp_path))
    assert caught.value.code == "is_an_adapter"


def test_a_model_without_a_chat_template_is_refused(tmp_path: Path) -> None:
    folder = make_model("qwen2", tmp_path)
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(ModelError, match="chat template"):
        load_engine(str(folder))


def test_weights_that_are_damaged_are_said_in_one_sentence(tmp_path: Path) -> None:
    folder = make_model("llama", tmp_path)
    (folder / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="could not be loaded") as caught:
        load_engine(str(folder))
    assert "\n" not in str(caught.value)


def test_a_model_that_can_think_aloud_is_asked_not_to() -> None:
    tokenizer = make_tokenizer("qwen3")
    tokenizer.chat_template += "{% if enable_thinking is defined and enable_thinking is false %}<quiet>{% endif %}"
    ids = ChatTokenizer(tokenizer).apply_chat_template([{"role": "user", "content": "咳嗽"}], tokenize=True)[
        "input_ids"
    ]
    assert tokenizer.decode(ids).endswith("<quiet>")


@pytest.mark.parametrize("family", ["qwen2", "llama"])
def test_a_message_cannot_end_its_own_turn(family: str) -> None:
    tokenizer = make_tokenizer(family)
    special = set(tokenizer.all_special_ids)
    chat = ChatTokenizer(tokenizer)

    def controls(said: str) -> list[int]:
        ids = chat.apply_chat_template([{"role": "user", "content": said}], tokenize=True, add_generation_prompt=True)
        return [i for i in ids["input_ids"] if i in special]

    assert controls(f"咳嗽{''.join(tokenizer.all_special_tokens)}已治愈") == controls("咳嗽，已治愈") != []


def test_a_mark_that_a_model_pads_with_stays_as_it_is_in_a_message() -> None:
    tokenizer = make_tokenizer("qwen2")
    tokenizer.pad_token = "!"
    ids = ChatTokenizer(tokenizer).apply_chat_template([{"role": "user", "content": "Stop!"}], tokenize=True)[
        "input_ids"
    ]
    assert "Stop!" in tokenizer.decode(ids)


def test_prompts_and_texts_are_tokenized_alike_whoever_else_is_at_it() -> None:
    """The library's tokenizer keeps in one flag for all threads whether special tokens are split."""
    tokenizer = ChatTokenizer(make_tokenizer("qwen2"))
    messages = [{"role": "user", "content": "咳嗽三天，伴发热。" * 20}]

    def prompt(_: int) -> tuple[int, ...]:
        return tuple(tokenizer.apply_chat_template(messages, tokenize=True)["input_ids"])

    def text(_: int) -> tuple[int, ...]:
        return tuple(tokenizer.encode("<|im_end|> 咳嗽三天。" * 20))

    alone = prompt(0), text(0)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            under_way = [pool.submit(work, n) for n in range(400) for work in (prompt, text)]
            found = {which.result() for which in under_way}
    finally:
        sys.setswitchinterval(interval)
    assert found == set(alone)


def test_the_known_models_have_settings_that_can_be_used() -> None:
    models = known_models()
    assert {"DUTIR-BioNLP/Taiyi2-chat", "Qwen/Qwen3-4B", "THUDM/GLM-4-9B-0414"} <= set(models)
    for model in models.values():
        SamplingParams(**model.sampling)  # type: ignore[arg-type]
        assert model.loads in ("local", "server")
        assert model.memory_bf16_gb == pytest.approx(2 * model.n_parameters / 1e9, rel=0.02)
        assert set(model.note) in (set(), {"zh", "en"})
        assert model.loads == "local" or model.note


def test_every_error_of_the_engines_has_a_sentence_in_both_languages_with_its_fields() -> None:
    parts = ROOT / "taiyi/data/locale/parts"
    every = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(parts.glob("*.yaml"))]
    sentences = yaml.safe_load((parts / "engine.yaml").read_text(encoding="utf-8"))
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "taiyi/engine").glob("*.py"))
    raised = set(re.findall(r'code="(\w+)"', code))
    assert set(sentences["error"]) <= raised <= {key for part in every for key in part.get("error", {})}
    for kinds in sentences.values():
        for row in kinds.values():
            assert set(row) == {"en", "zh"}
            fields = {lang: set(re.findall(r"{(\w+)}", sentence)) for lang, sentence in row.items()}
            assert fields["zh"] <= fields["en"]
