"""Settings are merged once, in one order, and a misspelt or impossible one is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from taiyi.config import Settings, load_settings
from taiyi.errors import InputError


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("port: 1000\nhost: 10.0.0.1\nlang: en\n", encoding="utf-8")
    settings = load_settings(
        {"config": str(file), "port": 3000, "lang": None}, {"TAIYI_PORT": "2000", "TAIYI_HOST": "10.0.0.2"}
    )
    assert (settings.port, settings.host, settings.lang) == (3000, "10.0.0.2", "en")


def test_a_hosted_space_says_where_to_serve() -> None:
    settings = load_settings({}, {"GRADIO_SERVER_NAME": "0.0.0.0", "GRADIO_SERVER_PORT": "7000"})
    assert (settings.host, settings.port) == ("0.0.0.0", 7000)


def test_without_anything_it_serves_on_loopback() -> None:
    assert load_settings({}, {}) == Settings()
    assert Settings().host == "127.0.0.1"


def test_an_unknown_key_in_the_file_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("prot: 1000\n", encoding="utf-8")
    with pytest.raises(InputError, match="'prot'"):
        load_settings({"config": str(file)}, {})


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        ({"port": 0}, "port"),
        ({"lang": "fr"}, "language"),
        ({"auth": "nobody"}, "USER:PASSWORD"),
        ({"quantize": "2bit"}, "2bit"),
        ({"model": "openai:http://127.0.0.1:1/v1#m", "quantize": "nf4"}, "local model"),
        ({"config": "/nowhere/settings.yaml"}, "does not exist"),
    ],
)
def test_an_impossible_setting_is_refused_in_a_sentence(flags: dict[str, object], word: str) -> None:
    with pytest.raises(InputError, match=word):
        load_settings(flags, {})


def test_a_word_for_a_number_is_refused_with_its_place() -> None:
    with pytest.raises(InputError, match="port is 'many'"):
        load_settings({}, {"TAIYI_PORT": "many"})
