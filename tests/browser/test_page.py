"""One whole case on the demo's page, in a real browser, with `python -m bot demo`.

With TONGXIN_SCREENSHOTS=1 it also writes the screenshots of the README.
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
#: Waits for two frames, so that a change has begun to show, and then for every finite animation.
SETTLED = """async () => {
  for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
  const ending = document.getAnimations().filter((each) => each.effect.getComputedTiming().endTime !== Infinity);
  await Promise.allSettled(ending.map((each) => each.finished));
}"""
VILLAGER, CHAIR, OFFICER = 500001, 200001, 300001

pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="there is no chromium here: apt-get install chromium")


@pytest.fixture
def page_url() -> Iterator[str]:
    """Start the demo on a free port, as `make demo` does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    demo = subprocess.Popen([sys.executable, "-m", "bot", "demo", "--port", str(port)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert demo.stdout is not None
    try:
        for line in demo.stdout:
            if "Tongxin: open" in line:
                break
        else:
            pytest.fail("the demo ended before it showed its page")
        yield f"http://127.0.0.1:{port}/"
    finally:
        children = children_of(demo.pid)
        demo.send_signal(signal.SIGTERM)
        demo.stdout.close()
        demo.wait(timeout=40)
    assert len(children) == 2
    assert not [child for child in children if Path(f"/proc/{child}").exists()]


def children_of(pid: int) -> list[str]:
    """Return the ids of a process's children; none after its end. Linux only."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return listed.read_text(encoding="ascii").split() if listed.exists() else []


class Phone:
    """A phone on the page: types, taps, and waits for messages."""

    def __init__(self, page, user: int) -> None:
        self.box = page.locator(f'section.phone[data-user="{user}"]')

    def types(self, text: str) -> None:
        self.box.locator("textarea.composer-text").fill(text)
        self.box.locator("button.send").click()

    def taps(self, label: str, *, last: bool = True) -> None:
        found = self.box.locator("button.inline-button", has_text=label)
        (found.last if last else found.first).click()

    def shows(self, text: str) -> None:
        self.box.locator("article.message", has_text=text).last.wait_for(state="visible", timeout=10_000)


def test_report_escalates_from_villager_to_officer(page_url):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(10_000)
        complaints: list[str] = []  # a violation of the content security policy is a console error, too
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda fault: complaints.append(str(fault)))
        page.goto(page_url)
        play(page)
        if os.environ.get("TONGXIN_SCREENSHOTS"):
            take_pictures(page)
        page.locator("#plus-hour").click()
        assert not complaints
        browser.close()


def take_pictures(page) -> None:
    page.mouse.move(1, 1)  # no button is drawn as hovered
    page.locator(".toast.shown").first.wait_for(state="hidden")
    picture(page, "phones.png")
    page.emulate_media(color_scheme="dark")
    picture(page, "dark.png")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 390, "height": 844})
    picture(page, "phone.png")
    page.set_viewport_size({"width": 1440, "height": 900})


def picture(page, name: str) -> None:
    """Write a screenshot after all animations: a change of the colour scheme is animated."""
    page.evaluate(SETTLED)
    page.screenshot(path=PICTURES / name, animations="disabled")


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
