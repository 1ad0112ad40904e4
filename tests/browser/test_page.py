"""One whole story on the page, in a real browser, through `python -m bot demo`: what a mayor would be shown.

With TONGXIN_SCREENSHOTS=1 it also writes the pictures of the README.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "screenshots"
VILLAGER, CHAIR, OFFICER = 500001, 200001, 300001

pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="there is no chromium here: apt-get install chromium")


@pytest.fixture
def page_url() -> Iterator[str]:
    """The demo as `make demo` starts it, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    demo = subprocess.Popen([sys.executable, "-m", "bot", "demo", "--port", str(port)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert demo.stdout is not None
    try:
        for line in demo.stdout:
            if "Tongxin: open" in line:
                break
        yield f"http://127.0.0.1:{port}/"
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.stdout.close()
        assert demo.wait(timeout=40) is not None


class Phone:
    """A phone on the page: types, taps, and shows."""

    def __init__(self, page, user: int) -> None:
        self.box = page.locator(f'section.phone[data-user="{user}"]')

    def types(self, text: str) -> None:
        self.box.locator("textarea.composer-text").fill(text)
        self.box.locator("button.send").click()

    def taps(self, label: str, *, last: bool = True) -> None:
        found = self.box.locator("button.inline-button", has_text=label)
        (found.last if last else found.first).click()

    def shows(self, text: str) -> None:
        self.box.locator("article.message", has_text=text).last.wait_for(state="visible", timeout=15_000)


def test_a_report_climbs_from_the_villager_to_the_officer(page_url):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda fault: complaints.append(str(fault)))
        page.goto(page_url)
        play(page)
        if os.environ.get("TONGXIN_SCREENSHOTS"):
            page.screenshot(path=PICTURES / "phones.png")
        page.locator("#plus-hour").click()
        assert not complaints
        browser.close()


def play(page) -> None:
    villager, chair, officer = Phone(page, VILLAGER), Phone(page, CHAIR), Phone(page, OFFICER)
    villager.box.locator("button:visible", has_text="开始").first.click()
    villager.shows("哪个村")
    villager.types("/start 上徐村")
    villager.taps("同意")
    villager.shows("已加入")
    villager.types("邻居砌墙占了我家的路")
    villager.shows("要帮你报给")
    villager.taps("报上去", last=False)
    villager.shows("收到，编号 1001")

    chair.shows("1001")
    chair.taps("受理")
    villager.shows("王主任已受理")

    chair.types("/mediate 1001 各让半米，没谈成")
    villager.shows("第 1 次调解")
    chair.taps("上报")
    chair.types("双方僵持，怕动手")

    officer.shows("双方僵持")
    officer.taps("我来处理")
    villager.shows("张警官已经接手")
