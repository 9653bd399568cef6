"""Makes the pictures of the READMEs from the real app: `python docs/screenshot.py` (needs Chromium)."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from taiyi.assistant import load_assistant
from taiyi.config import Settings
from taiyi.ui.build import create_ui, launch_options

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Open the entities tab in each language, run an example, and save what a reader sees."""
    browser_path = next(filter(None, map(shutil.which, BROWSERS)))
    assistant = load_assistant(Settings())
    for lang, example, name in (
        ("en", "Adverse reaction", "screenshot.png"),
        ("zh", "嵌套与重复", "screenshot_zh.png"),
    ):
        ui = create_ui(assistant, lang=lang)
        _, url, _ = ui.launch(prevent_thread_lock=True, **launch_options() | {"quiet": True})
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=browser_path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
            )
            page = browser.new_page(viewport={"width": 1280, "height": 1000}, locale=lang)
            page.goto(url)
            page.locator(".ty-tabs button[data-tab-id=entities]").first.click()
            page.get_by_role("button", name=example).click()
            page.locator("#entities-body mark").first.wait_for(timeout=120_000)
            page.wait_for_timeout(1_500)
            page.screenshot(path=HERE / name)
            browser.close()
        ui.close()
    assistant.close()


if __name__ == "__main__":
    main()
