"""The page as a person meets it: what must hold for any model behind it, and what a known reply must look like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import SLOW_WORDS, TABS, CountingEngine, Window

pytestmark = pytest.mark.browser


def test_a_chat_message_streams_to_its_end(window: Window, url: str) -> None:
    page = window.open(url).page
    page.locator("#chat-message textarea").fill("二甲双胍的常见不良反应有哪些？")
    page.locator("#chat-send").click()
    window.finished("chat")
    assert "二甲双胍" in window.turns()[0]
    assert page.locator("#chat-message textarea").input_value() == ""
    assert page.locator("#chat-stop").count() == 0 or not page.locator("#chat-stop").is_visible()


def test_the_text_grows_while_it_is_written(window: Window, scripted: str) -> None:
    page = window.open(scripted).page
    page.locator("#chat-message textarea").fill("slow, please")
    page.locator("#chat-message textarea").press("Enter")
    answer = page.locator("#chat-history .bot .message-content").last
    answer.wait_for()
    seen = {len(answer.inner_text())}
    for _ in range(20):
        page.wait_for_timeout(100)
        seen.add(len(answer.inner_text()))
    assert len(seen) >= 3, "the answer came in one piece"
    page.locator("#chat-stop").click()
    window.finished("chat")


def test_stop_ends_the_model_and_keeps_what_was_said(
    window: Window, scripted: str, engine: CountingEngine, wait_until: Any
) -> None:
    page = window.open(scripted).page
    page.locator("#chat-message textarea").fill("slow again")
    page.locator("#chat-send").click()
    page.locator("#chat-history .bot .message-content").last.wait_for()
    page.locator("#chat-stop").click()
    window.finished("chat")
    said = window.turns()[-1]
    assert 0 < len(said) < len(SLOW_WORDS) - 100
    page.wait_for_timeout(600)
    assert window.turns()[-1] == said
    assert page.locator("#chat-send").is_enabled()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_highlighted_mentions_stand_at_their_places(window: Window, url: str, lang: str) -> None:
    """The marked text is the text, character by character, and each row's place holds its mention."""
    page = window.open(url).page
    window.speak(lang)
    title = {"zh": "嵌套与重复", "en": "Adverse reaction"}[lang]
    window.example("entities", title)
    text = window.tab("entities").locator("textarea").first.input_value()
    result = window.result("entities")
    assert result["text"] == text
    if result.get("entities"):
        assert page.locator("#entities-body .ty-doc").text_content() == text
    rows = page.locator("#entities-body .ty-table tbody tr")
    assert rows.count() == len(result.get("entities", []))
    for n, entity in enumerate(result.get("entities", [])):
        cells = rows.nth(n).locator("td").all_inner_texts()
        assert text[int(cells[2]) : int(cells[3])] == entity["text"] == cells[1]
        marked = page.locator(f'#entities-body mark[data-ids~="{entity["id"]}"]').all_text_contents()
        assert "".join(marked) == entity["text"]


def test_what_is_not_in_the_text_stands_apart(window: Window, scripted: str) -> None:
    page = window.open(scripted).page
    window.speak("en")
    window.example("entities", "Adverse reaction")
    found = window.result("entities")
    assert {e["text"] for e in found["entities"]} >= {"lithium carbonate", "amiloride", "tremor"}
    assert "ibuprofen" not in page.locator("#entities-body .ty-doc").inner_text()
    assert "ibuprofen" in page.locator("#entities-body .ty-ungrounded").inner_text()


def test_the_language_switches_every_word(window: Window, scripted: str) -> None:
    """After the switch no Han character is left in what the page says itself, and a reload keeps the choice."""
    page = window.open(scripted).page
    assert page.locator(".ty-tabs button[data-tab-id=report]").inner_text() == "病历报告"
    window.speak("en")
    page.wait_for_function("document.querySelector('button[data-tab-id=report]').textContent === 'Report'")
    for tab in TABS:
        panel = window.tab(tab)
        labels = panel.locator("h2, label > span, .block-title, button:not(.ty-example), .label-wrap").all_inner_texts()
        own = [label for label in labels if any("一" <= char <= "鿿" for char in label)]
        assert [label for label in own if label.strip() not in ("中文",)] == [], tab
    page.reload()
    page.wait_for_function("document.querySelector('button[data-tab-id=report]')?.textContent === 'Report'")


def test_a_result_follows_the_language(window: Window, scripted: str) -> None:
    page = window.open(scripted).page
    window.example("entities", "嵌套与重复")
    assert "处提及" in page.locator("#entities-status").inner_text()
    window.speak("en")
    page.wait_for_function("document.querySelector('#entities-status').innerText.includes('mentions')")
    assert page.locator("#entities-body .ty-doc").text_content() == window.result("entities")["text"]


def test_a_dialogue_from_a_file_becomes_a_report(window: Window, scripted: str, tmp_path: Path) -> None:
    file = tmp_path / "对话.txt"
    dialogue = "患者：我咳嗽三天了。\n医生：发烧吗？\n患者：昨晚38度，今天不烧了。\n医生：多喝水，休息。"
    file.write_text(dialogue, encoding="utf-8")
    page = window.open(scripted).page
    panel = window.tab("report")
    panel.locator("input[type=file]").first.set_input_files(file)
    page.wait_for_function("document.body.innerText.includes('对话.txt')")
    assert panel.locator("textarea").first.input_value() == dialogue
    page.locator("#report-run").click()
    window.finished("report")
    result = window.result("report")
    shown = page.locator("#report-body .ty-section h3").all_inner_texts()
    assert shown == [section["name"] for section in result.get("sections", [])]


def test_the_six_sections_are_shown_and_saved_as_word_and_markdown(window: Window, scripted: str) -> None:
    page = window.open(scripted).page
    window.example("report", "患儿咳嗽")
    assert page.locator("#report-body .ty-section h3").all_inner_texts() == [
        "主诉", "现病史", "辅助检查", "既往史", "诊断", "建议"
    ]  # fmt: skip
    for name, magic in (("Word", b"PK"), ("Markdown", b"# ")):
        with page.expect_download() as download:
            page.locator("#report-tools").get_by_role("button", name=name).click()
        assert Path(download.value.path()).read_bytes().startswith(magic)


def test_downloads_of_entities_come_with_one_click(window: Window, scripted: str) -> None:
    page = window.open(scripted).page
    window.example("entities", "嵌套与重复")
    expected = {"JSON": b"{", "CSV": "\ufeffitem".encode(), "HTML 网页": b"<!DOCTYPE html>"}
    for name, start in expected.items():
        with page.expect_download() as download:
            page.locator("#entities-tools").get_by_role("button", name=name, exact=True).click()
        content = Path(download.value.path()).read_bytes()
        assert content.startswith(start)
        assert "二甲双胍".encode() in content


def test_enter_that_confirms_a_candidate_reaches_no_text_box(window: Window, scripted: str) -> None:
    """Both signs of a composition are tried in every box of every tab; afterwards Enter sends as it should."""
    page = window.open(scripted).page
    for tab in TABS:
        panel = window.tab(tab)
        for accordion in panel.locator("button.label-wrap").all():
            accordion.click()
        heard = panel.evaluate(
            """panel => {
                let heard = 0, boxes = 0;
                const typed = 'textarea, input:not([type=file], [type=radio], [type=range])';
                const signs = [{isComposing: true}, {keyCode: 229}];
                for (const box of panel.querySelectorAll(typed)) {
                    boxes += 1;
                    box.focus();
                    for (const kind of ['keydown', 'keypress']) for (const sign of signs) {
                        box.addEventListener(kind, () => { heard += 1; }, {once: true});
                        const enter = {key: 'Enter', bubbles: true, cancelable: true, ...sign};
                        box.dispatchEvent(new KeyboardEvent(kind, enter));
                    }
                }
                return [heard, boxes];
            }"""
        )
        assert heard[0] == 0 and heard[1] > 0, tab
    window.tab("chat")
    box = page.locator("#chat-message textarea")
    box.fill("nihao")
    box.evaluate("b => b.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))")
    page.wait_for_timeout(500)
    assert window.turns() == [] and box.input_value() == "nihao"
    box.press("Enter")
    window.finished("chat")
    assert window.turns()[0] == "nihao"


def test_a_type_of_ones_own_is_asked_for(window: Window, scripted: str, engine: CountingEngine) -> None:
    page = window.open(scripted).page
    panel = window.tab("entities")
    panel.locator("textarea").first.fill("老年患者跌倒后髋部骨折。")
    box = page.locator("#entities-labels input")
    box.click()
    box.fill('部位"[左]')
    box.press("Enter")
    page.locator("#entities-run").click()
    window.finished("entities")
    assert '部位"[左]' in engine.asked[-1].messages[-1].content


def test_a_chat_survives_a_reload_and_is_gone_after_new_chat(window: Window, scripted: str) -> None:
    page = window.open(scripted).page
    page.locator("#chat-message textarea").fill("阿司匹林")
    page.locator("#chat-send").click()
    window.finished("chat")
    turns = window.turns()
    page.wait_for_timeout(600)
    page.reload()
    page.wait_for_function(
        "n => document.querySelectorAll('#chat-history .message-content').length === n", arg=len(turns)
    )
    assert window.turns() == turns
    page.locator("#chat-clear").click()
    page.wait_for_function("!sessionStorage.getItem('taiyi.chat')")
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "阿司匹林" not in kept


@pytest.mark.parametrize("text", ["", "   \n ", "\u200b\u200e"])
def test_a_missing_text_is_said_and_nothing_is_lost(window: Window, scripted: str, text: str) -> None:
    page = window.open(scripted).page
    panel = window.tab("entities")
    panel.locator("textarea").first.fill(text)
    page.locator("#entities-run").click()
    page.locator("#entities-status [role=alert]").wait_for()
    assert "没有文本" in page.locator("#entities-status").inner_text()
    assert panel.locator("textarea").first.input_value() == text
    assert page.locator("#entities-run").is_enabled()


def test_markup_and_templates_in_a_text_stay_text(window: Window, scripted: str) -> None:
    """Neither HTML nor the template marks of gradio's HTML component are acted upon, wherever a text is shown."""
    page = window.open(scripted).page
    script = "document.title='run'"
    text = f'<img src=x onerror="{script}"> ${{{script}}} {{{{value}}}} {{{{{{value}}}}}} 二甲双胍 </div><b>糖尿病</b>'
    panel = window.tab("entities")
    panel.locator("textarea").first.fill(text)
    page.locator("#entities-run").click()
    window.finished("entities")
    assert page.locator("#entities-body .ty-doc").text_content() == text
    assert page.title() != "run"


def test_a_file_that_is_none_is_said_and_the_text_stays(window: Window, scripted: str, tmp_path: Path) -> None:
    file = tmp_path / "残.docx"
    file.write_bytes(b"PK\x03\x04 not a word file")
    page = window.open(scripted).page
    panel = window.tab("entities")
    panel.locator("textarea").first.fill("原来的文本")
    panel.locator("input[type=file]").first.set_input_files(file)
    panel.locator(".ty-file [role=alert]").wait_for()
    assert "残.docx" in panel.locator(".ty-file").inner_text()
    assert panel.locator("textarea").first.input_value() == "原来的文本"
    assert page.locator(".toast-wrap .error").count() == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_phone_shows_every_tab_without_scrolling_sideways(window: Window, scripted: str, lang: str) -> None:
    page = window.open(scripted).page
    page.set_viewport_size({"width": 390, "height": 844})
    window.speak(lang)
    for tab in TABS:
        panel = window.tab(tab)
        panel.locator(".ty-example").first.click()
        window.finished(tab)
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, tab


NAMELESS = """panel => [...panel.querySelectorAll('button, input, textarea')]
    .filter(e => e.offsetParent && e.type !== 'file')
    .filter(e => !(e.getAttribute('aria-label') || e.title || e.textContent.trim() || (e.labels && e.labels.length)
        || e.closest('label')?.textContent.trim() || e.closest('fieldset')?.textContent.trim()))
    .map(e => e.outerHTML.slice(0, 150))"""


def test_every_control_has_a_name(window: Window, scripted: str) -> None:
    """Buttons, boxes and switches of each tab can be told apart by a screen reader."""
    page = window.open(scripted).page
    for tab in TABS:
        assert window.tab(tab).evaluate(NAMELESS) == [], tab
    assert page.locator("h1").count() == 1


def test_a_very_long_text_is_read_with_a_note_and_can_be_stopped(window: Window, bundled: str) -> None:
    """200,000 characters: progress shows, stop keeps what is complete, and every place is one of the whole text."""
    page = window.open(bundled).page
    sentence = "患者因急性阑尾炎入院，予头孢曲松静脉滴注。"
    text = sentence * (200_000 // len(sentence))
    panel = window.tab("entities")
    panel.locator("textarea").first.fill(text)
    page.locator("#entities-labels").get_by_role("button").first.wait_for()
    page.locator("#entities-run").click()
    page.wait_for_timeout(4000)
    if page.locator("#entities-stop").is_visible():
        page.locator("#entities-stop").click()
    window.finished("entities")
    result = window.result("entities")
    assert len(result["text"]) == len(text)
    assert all(result["text"][e["start"] : e["end"]] == e["text"] for e in result.get("entities", []))


@pytest.mark.parametrize("labels, said", [([], "没有选择类型"), ([f"类型{n}" for n in range(501)], "501")])
def test_too_few_and_too_many_types_are_said(window: Window, scripted: str, labels: list[str], said: str) -> None:
    page = window.open(scripted).page
    panel = window.tab("entities")
    panel.locator("textarea").first.fill("患者头痛。")
    choose_types(page, labels)
    page.locator("#entities-run").click()
    page.locator("#entities-status [role=alert]").wait_for()
    assert said in page.locator("#entities-status").inner_text()


def test_five_hundred_types_and_doubles_are_asked_for(window: Window, scripted: str, engine: CountingEngine) -> None:
    page = window.open(scripted).page
    panel = window.tab("entities")
    panel.locator("textarea").first.fill("患者头痛😀。")
    choose_types(page, [f"类型{n}" for n in range(500)] + ["类型7"])
    page.locator("#entities-run").click()
    window.finished("entities")
    asked = engine.asked[-1].messages[-1].content
    assert "类型499" in asked and asked.count("类型7，") == 1


def choose_types(page: Any, labels: list[str]) -> None:
    """Put the types into the box: clear it, then type them one by one (through the page's own handlers)."""
    box = page.locator("#entities-labels input")
    page.locator("#entities-labels .remove-all").click()
    box.evaluate(
        """async (box, labels) => {
            for (const label of labels) {
                box.focus();
                box.value = label;
                box.dispatchEvent(new Event('input', {bubbles: true}));
                await new Promise(requestAnimationFrame);
                box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}));
            }
        }""",
        labels,
    )
    page.wait_for_timeout(800)


def test_closing_the_window_ends_the_model(
    window: Window, scripted: str, engine: CountingEngine, wait_until: Any
) -> None:
    page = window.open(scripted).page
    page.locator("#chat-message textarea").fill("slow, then gone")
    page.locator("#chat-send").click()
    page.locator("#chat-history .bot .message-content").last.wait_for()
    assert engine.running > 0
    page.goto("about:blank")
    wait_until(lambda: engine.running == 0)


def test_several_visitors_stream_at_once(chromium: Any, scripted: str, engine: CountingEngine, wait_until: Any) -> None:
    contexts = [chromium.new_context() for _ in range(3)]
    pages = [Window(context.new_page(), []).open(scripted).page for context in contexts]
    for page in pages:
        page.locator("#chat-message textarea").fill("slow for me, too")
        page.locator("#chat-send").click()
    wait_until(lambda: engine.running == len(pages))
    for context in contexts:
        context.close()
    wait_until(lambda: engine.running == 0)


def test_edit_undo_and_retry_change_the_chat(window: Window, scripted: str) -> None:
    page = window.open(scripted).page
    page.locator("#chat-message textarea").fill("first question")
    page.locator("#chat-send").click()
    window.finished("chat")
    page.get_by_role("button", name="Retry").click()
    page.wait_for_timeout(300)
    window.finished("chat")
    assert len(window.turns()) == 2
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function("document.querySelectorAll('#chat-history .message-content').length === 0")
    assert page.locator("#chat-message textarea").input_value() == "first question"


def test_a_chat_is_saved_and_loaded(window: Window, scripted: str, tmp_path: Path) -> None:
    page = window.open(scripted).page
    page.locator("#chat-message textarea").fill("要保存的话")
    page.locator("#chat-send").click()
    window.finished("chat")
    turns = window.turns()
    panel = window.tab("chat")
    panel.locator("button.label-wrap").nth(1).click()
    for name, suffix in (("存为 JSON", ".json"), ("存为文本", ".md")):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        file = tmp_path / f"chat{suffix}"
        download.value.save_as(file)
        page.locator("#chat-clear").click()
        page.wait_for_function("document.querySelectorAll('#chat-history .message-content').length === 0")
        panel.locator("input[type=file]").first.set_input_files(file)
        page.wait_for_function("document.querySelectorAll('#chat-history .message-content').length === 2")
        assert window.turns() == turns


def test_no_upload_stays_on_this_machine(window: Window, scripted: str, tmp_path: Path) -> None:
    """What was loaded is read into the text box, and the copy that the server got is gone."""
    import gradio.utils

    cache = Path(gradio.utils.get_upload_folder())
    before = {path for path in cache.rglob("*") if path.is_file()}
    file = tmp_path / "秘密.txt"
    file.write_text("不该留下的文本", encoding="utf-8")
    page = window.open(scripted).page
    panel = window.tab("entities")
    panel.locator("input[type=file]").first.set_input_files(file)
    page.wait_for_function("document.body.innerText.includes('秘密.txt')")
    left = {path for path in cache.rglob("*") if path.is_file()} - before
    assert [path for path in left if "不该留下" in path.read_text(encoding="utf-8", errors="ignore")] == []


def test_an_answer_cannot_make_the_browser_ask_another_host(window: Window, scripted: str) -> None:
    """The window fixture blocks and counts requests; the policy lets none come so far, and the picture stays broken."""
    page = window.open(scripted).page
    page.locator("#chat-message textarea").fill("picture")
    page.locator("#chat-send").click()
    window.finished("chat")
    page.wait_for_timeout(800)
    loaded = page.evaluate("[...document.querySelectorAll('#chat-history .bot img')].map(i => i.naturalWidth)")
    assert all(width == 0 for width in loaded)
