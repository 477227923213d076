"""The page in a real browser: streaming, steps, stop, retry, edit, plugins, kept conversations, what an answer may not
do, phone width, keyboard, and axe-core's report.

Needs a Chromium of the system (apt-get install chromium fonts-noto-cjk fonts-noto-color-emoji) and is skipped without
one. MOSS_SCREENSHOTS=docs writes pictures of the page in both languages and themes there.
"""

import http.server
import json
import os
import re
import shutil
import threading
import time
from importlib import resources
from pathlib import Path
from types import SimpleNamespace

import pytest
from gui_server import RESULT, FakeInfer, served_page, until

from gui_chat import EN, ZH
from models.conversation_moss import Part, build_meta_instruction
from moss_inference import Inference
from plugins import PLUGINS

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if not CHROMIUM:
    pytest.skip("needs a Chromium of the system: apt-get install chromium", allow_module_level=True)
sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: tests/requirements.txt")
expect = sync_api.expect


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tokenizer):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(PLUGINS["Search"]), "off", lambda self: "set <b>MOSS_SEARCH</b> to an address")
        patch.setattr(type(PLUGINS["Text2Image"]), "off", lambda self: "set it")
        with served_page(FakeInfer(tokenizer)) as server:
            yield server


@pytest.fixture(scope="module")
def elsewhere():
    """A web server on another origin; the paths that it was asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        yield SimpleNamespace(url=f"http://127.0.0.1:{other.server_port}", asked=asked)
        other.shutdown()


class Page:
    """A tab on the page; `close` fails where a script failed, or something was fetched from elsewhere."""

    def __init__(self, browser, server, **options):
        self.context = browser.new_context(viewport={"width": 1000, "height": 800}, **options)
        self.tab, self.server = self.context.new_page(), server
        self.tab.set_default_timeout(15_000)
        self.errors, self.requests, self.blocked = [], [], set()
        self.tab.on("pageerror", lambda error: self.errors.append(str(error)))
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("requestfailed", lambda r: self.blocked.add(r.url) if r.failure == "csp" else None)
        self.tab.goto(server.url)
        self.box = self.tab.locator("#box textarea")
        self.users, self.bots = self.tab.get_by_test_id("user"), self.tab.get_by_test_id("bot")
        self.line = self.tab.locator("#line")
        expect(self.box).to_be_editable(timeout=30_000)
        server.infer.prompts.clear() if isinstance(server.infer, FakeInfer) else None

    def send(self, text, done=True):
        self.box.fill(text)
        self.box.press("Enter")
        if done:
            expect(self.box).to_have_value("")
            expect(self.line).to_contain_text(re.compile("context|上下文"), timeout=30_000)

    def open(self, name):
        self.tab.get_by_role("button", name=name, exact=False).first.click()

    def close(self):
        self.context.close()
        assert self.errors == []
        outside = {url for url in self.requests if not url.startswith((self.server.url, "data:", "blob:"))}
        assert outside <= self.blocked


@pytest.fixture
def page(browser, server):
    page = Page(browser, server)
    yield page
    page.close()


def test_streams_and_folds_its_steps(page, server):
    page.send("2*3*4 是多少？")
    expect(page.bots.last).to_have_text("2*3*4 是 24。")
    expect(page.users).to_have_text(["2*3*4 是多少？"])
    assert page.bots.last.locator("strong").inner_text() == "24"
    assert page.tab.get_by_label("Share").count() == 0
    expect(page.line).to_have_text(re.compile(r"^\s*\d+ tokens, \d+ a second · context \d+ of 8192\s*$"))
    for title, text in ((EN["thoughts"], "I multiply 2*3*4."), ("🔧 Calculate", RESULT)):
        expect(page.tab.get_by_text(text)).to_be_hidden()
        page.tab.get_by_text(title).click()
        expect(page.tab.get_by_text(text)).to_be_visible()


def test_retry_edit_undo_and_clear(page, server):
    prompts = server.infer.prompts
    page.send("one <b>1</b> 2*3*4")
    page.send("two")
    until(lambda: len(prompts) == 2)
    page.tab.get_by_label("Retry").last.click()
    until(lambda: len(prompts) == 3)
    assert prompts[2] == prompts[1]
    expect(page.users).to_have_count(2)
    expect(page.line).to_contain_text("context")

    page.tab.get_by_label("Edit").first.click()
    editor = page.tab.locator("#chat textarea")
    expect(editor).to_have_count(1)
    editor.fill(editor.input_value() + "!")
    page.tab.get_by_label("Submit").first.click()
    until(lambda: len(prompts) == 4)
    assert prompts[3] == [("Human", "one <b>1</b> 2*3*4!")]  # what Markdown needs is not in it
    expect(page.users).to_have_text(["one <b>1</b> 2*3*4!"])

    expect(page.line).to_contain_text("context")
    page.tab.get_by_label("Undo").last.click()
    expect(page.box).to_have_value("one <b>1</b> 2*3*4!")
    expect(page.users).to_have_count(0)
    page.send("again")
    assert prompts[-1] == [("Human", "again")]
    page.tab.get_by_label("Clear").click()
    expect(page.line).to_have_text("", use_inner_text=True)
    page.tab.wait_for_timeout(500)  # the page is empty before the server knows
    page.send("after")
    assert prompts[-1] == [("Human", "after")]


def test_F3_stop_keeps_what_was_said_and_gives_back_what_was_not_answered(page, server):
    stop = page.tab.locator("#box .stop-button")
    server.infer.closed.clear()
    page.send("slow", done=False)
    expect(page.bots.last).to_contain_text("0 1 2 3")
    stop.click()
    assert server.infer.closed.wait(2)
    page.tab.wait_for_timeout(500)
    page.send("more")
    assert re.match("0 1 2 3", server.infer.prompts[-1][-2][1])

    server.infer.closed.clear()
    page.send("slow thought", done=False)
    expect(page.tab.get_by_text(EN["thoughts"]).last).to_be_visible()
    until(lambda: server.infer.prompts[-1][-1][1] == "slow thought")
    stop.click()
    assert server.infer.closed.wait(2)
    expect(page.box).to_have_value("slow thought")
    expect(page.users).to_have_count(2)


def test_F3_closed_tab_ends_the_answer(browser, server):
    page = Page(browser, server)
    server.infer.closed.clear()
    page.send("slow", done=False)
    expect(page.bots.last).to_contain_text("0 1 2 3")
    left = time.monotonic()
    page.close()
    assert server.infer.closed.wait(2)
    assert time.monotonic() - left < 1  # the tab's own closing included


def test_refused_message_stays_in_the_box_and_covers_nothing(page, server):
    page.send("before")
    page.send("too many tokens", done=False)
    expect(page.tab.get_by_text("9000 tokens")).to_be_visible()
    expect(page.box).to_have_value("too many tokens")
    expect(page.users).to_have_text(["before"])
    page.tab.get_by_label("Undo").last.click(timeout=3000)  # the conversation can be seen and used
    expect(page.users).to_have_count(0)


def test_plugins_settings_and_system_prompt(page, server):
    page.open(EN["settings"])
    system = page.tab.get_by_label(EN["system"])
    expect(system).to_have_value(build_meta_instruction(["Calculate", "Solve"]))
    assert (
        "<b>MOSS_SEARCH</b>" in page.tab.get_by_text("Search: set").inner_text()
    )  # switched off, and how to change it
    assert page.tab.get_by_role("checkbox").count() == 2
    page.tab.get_by_label("Calculate").uncheck()
    expect(system).to_have_value(build_meta_instruction(["Solve"]))
    length = page.tab.get_by_label("number input for " + EN["max_length"])
    length.fill("99999")
    length.blur()
    expect(length).not_to_have_value("99999")
    length.fill("33")
    length.blur()
    page.send("hi")
    assert server.infer.metas[-1] == build_meta_instruction(["Solve"])
    assert server.infer.paras[-1]["max_iterations"] == 33


def test_examples_ask_themselves(page, server):
    page.tab.get_by_role("button", name="你是谁？").click()
    expect(page.users).to_have_text(["你是谁？"])
    expect(page.line).to_contain_text("context")
    assert server.infer.prompts[-1] == [("Human", "你是谁？")]


def test_conversations_are_kept_exported_and_imported(page, server, tmp_path):
    page.send("remember me")
    page.tab.wait_for_function("localStorage.length > 0")
    time.sleep(0.5)
    page.tab.reload()
    expect(page.users).to_have_count(0)
    page.open(EN["chats"])
    page.tab.locator("#kept").get_by_text("remember me").click()
    expect(page.users).to_have_text(["remember me"])
    page.send("and now?")
    assert [text for role, text in server.infer.prompts[-1] if role == "Human"] == ["remember me", "and now?"]

    expect(page.tab.locator("#kept").get_by_text("remember me")).to_have_count(1)
    time.sleep(0.5)
    with page.tab.expect_download() as download:
        page.tab.get_by_text(EN["export"]).click()
    assert download.value.suggested_filename == "moss_conversations.jsonl"
    (record,) = [json.loads(line) for line in Path(download.value.path()).read_text(encoding="utf-8").splitlines()]
    assert record["num_turns"] == 2 and record["chat"]["turn_1"]["Human"] == "<|Human|>: remember me<eoh>\n"

    page.open(EN["delete"])
    expect(page.users).to_have_count(0)
    expect(page.tab.locator("#kept").get_by_text("remember me")).to_have_count(0)
    record["chat"]["turn_1"]["Human"] = "<|Human|>: 进口<eoh>\n"
    file = tmp_path / "chats.jsonl"
    file.write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")
    with page.tab.expect_file_chooser() as chooser:
        page.tab.locator("#import").click()
    chooser.value.set_files(file)
    expect(page.users).to_have_text(["进口", "and now?"])
    expect(page.tab.locator("#kept").get_by_text("进口")).to_be_visible()


def test_search_results_and_images(page, server):
    page.send("搜索")
    expect(page.bots.last).to_have_text("Moss is soft1 and green2, not<|3|>.")
    link = page.bots.last.get_by_role("link")
    assert link.get_attribute("href") == "https://one.example/a%28b%29?q=1&r=2"
    assert "noopener" in link.get_attribute("rel") and link.get_attribute("target") == "_blank"
    page.tab.get_by_text("🔧 Search").click()
    step = page.tab.get_by_role("link", name="A [title] <b>*of*</b> one")
    expect(step).to_be_visible()
    expect(page.tab.locator("#chat li").nth(1)).to_have_text("notes.txt")
    page.send("画")
    image = page.tab.locator("#chat img[alt='green <b>moss</b>']")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])") == [48, 32]


def test_code_and_formulas(page, server):
    server.infer.replies["code"] = [
        Part("MOSS", "```python\nprint('a < b')\n```\n\n\\(a_1 < b\\) and $$\\frac{1}{2}$$ cost $5 or $6")
    ]
    page.send("code")
    expect(page.bots.last.locator(".katex")).to_have_count(2)
    assert page.bots.last.locator("pre code span").count() > 1  # highlighted
    assert "print('a < b')" in page.bots.last.locator("pre").inner_text()
    assert page.bots.last.locator("pre button, .code_wrap button").count() >= 1  # copy
    expect(page.bots.last).to_contain_text("cost $5 or $6")


XSS = [
    "<script>pwn()</script>",
    "<img src=x onerror=pwn()>",
    "<svg onload=pwn()>",
    "<svg><script>pwn()</script></svg>",
    "<iframe srcdoc='<script>parent.pwn()</script>'></iframe>",
    "<a href=javascript:pwn()>a</a>",
    "[a](javascript:pwn())",
    "[a](JaVaScRiPt:pwn())",
    "[a](java\nscript:pwn())",
    "[a](data:text/html,<script>opener.pwn()</script>)",
    "[a](vbscript:pwn())",
    "<a href='&#106;avascript:pwn()'>a</a>",
    "<details open ontoggle=pwn()>",
    "<body onload=pwn()>",
    "<input autofocus onfocus=pwn()>",
    "<video><source onerror=pwn()></video>",
    "<math href=javascript:pwn()>a</math>",
    "<svg><style><img src=x onerror=pwn()></style></svg>",
    "<style>@import 'javascript:pwn()'</style>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=pwn()&gt;">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=pwn()>",
    "<embed src=javascript:pwn()>",
    "<object data=javascript:pwn()>",
    "<base href=javascript:pwn()//>",
    "<meta http-equiv=refresh content=0;url=javascript:pwn()>",
    "$$\\href{javascript:pwn()}{a}$$",
    "$$\\includegraphics{javascript:pwn()}$$",
    "$$\\htmlData{x=y}{<img src=x onerror=pwn()>}$$",
    '```mermaid\ngraph TD; A-->B; click A href "javascript:pwn()"\n```',
    "```html\n</code></pre><img src=x onerror=pwn()>\n```",
    "`</code><img src=x onerror=pwn()>`",
    "\\<img src=x onerror=pwn()>",
    "**<img src=x onerror=pwn()>**",
    "<<img src=x onerror=pwn()>>",
    "| a |\n|---|\n| <img src=x onerror=pwn()> |",
    "> <img src=x onerror=pwn()>",
    "<think><img src=x onerror=pwn()></think>",
    "<x onclick=pwn() style=position:fixed;inset:0>",
    "<!--><img src=x onerror=pwn()>-->",
    "<img\nsrc=x\nonerror=pwn()>",
]


def test_J1_J2_J6_J7_nothing_of_a_text_is_executed(page, server):
    page.tab.evaluate("window.pwned = 0; window.pwn = () => { window.pwned += 1 }; 0")
    text = "\n\n".join(XSS)
    server.infer.replies[text] = [
        Part("Inner Thoughts", text),
        Part("Commands", f'Search("{XSS[1]}")'),
        Part("Results", text),
        Part("MOSS", text + " finished"),
    ]
    page.send(text)
    expect(page.bots.last).to_contain_text("finished")
    for title in (EN["thoughts"], "🔧 Search"):
        page.tab.get_by_text(title).click()
    for link in page.tab.locator("#chat a:not([target])").all():
        link.click(force=True, timeout=1000)
    time.sleep(0.5)  # images and handlers have had their time
    assert page.tab.evaluate("window.pwned") == 0 and page.tab.url.startswith(page.server.url)
    found = page.tab.evaluate(
        """() => [...document.querySelectorAll("#chat .message *")].filter(e => e.matches(
            "script, iframe, object, embed, base, meta, form, style:not(svg[id^=mermaid] *)," +
            "[href^='javascript' i], [style*='fixed']")
            || [...e.attributes].some(a => /^on/i.test(a.name))).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert found == []


def test_J3_J4_J5_a_text_fetches_nothing_and_covers_nothing(page, server, elsewhere):
    away = elsewhere.url
    text = (
        f"![x]({away}/md.png) <img src={away}/html.png> ![r][1]\n\n"
        f'<div style="background:url({away}/css.png)">d</div>\n\n'
        f"<form action={away}/form><button>send</button></form> <style>body{{display:none}}</style>\n\n"
        f'<div style="position:fixed;inset:0;z-index:9999;font-size:900px">over</div> '
        f'<link rel=stylesheet href={away}/link.css> <video poster={away}/v.png>\n\n[1]: {away}/ref.png\n\nfinished'
    )  # fmt: skip
    server.infer.replies["away"] = [Part("MOSS", text)]
    page.send("away")
    expect(page.bots.last).to_contain_text("finished")
    time.sleep(0.5)
    assert page.bots.last.locator("img, form, style, link, video, [style*=position]").count() == 0
    expect(page.box).to_be_editable()
    assert elsewhere.asked == []
    blocked = page.tab.evaluate(
        """away => new Promise(resolve => {  // and where the sanitiser had let a form pass
            addEventListener("securitypolicyviolation", event => resolve(event.effectiveDirective));
            document.body.insertAdjacentHTML("beforeend", `<form id=f action=${away}/form></form>`);
            document.querySelector("#f").requestSubmit();
        })""",
        away,
    )
    assert blocked == "form-action" and elsewhere.asked == []


def test_J8_odd_text_does_not_freeze_the_page(page, server):
    for text in ("```\nnever closed " + "x" * 20_000, "> " * 400 + "deep", "*" * 4000, "|a" * 2000 + "|\n"):
        server.infer.replies["odd"] = [Part("MOSS", text + "\n\nfinished")]
        page.send("odd")
        start = time.monotonic()
        page.tab.evaluate("new Promise(requestAnimationFrame)")
        assert time.monotonic() - start < 1, text[:20]
        page.tab.get_by_label("Clear").click()
        page.tab.wait_for_timeout(300)


def test_phone_width_and_keyboard(browser, server):
    page = Page(browser, server, is_mobile=True, has_touch=True)
    page.tab.set_viewport_size({"width": 390, "height": 780})
    server.infer.replies["wide"] = [
        Part("MOSS", "```\n" + "x" * 500 + "\n```\n\n" + "y" * 300 + "\n\n|a|b|\n|-|-|\n|" + "z" * 99 + "|b|")
    ]
    page.send("wide")
    assert page.tab.evaluate("document.documentElement.scrollWidth") <= 390
    reached = set()
    for _ in range(40):
        page.tab.keyboard.press("Tab")
        reached.add(
            page.tab.evaluate(
                "document.activeElement.ariaLabel || document.activeElement.innerText || document.activeElement.tagName"
            ).strip()
        )
    assert {"Retry", "Undo", "Edit"} <= reached and any(EN["settings"] in name for name in reached), reached
    page.close()


def test_axe_finds_nothing_serious(page, server):
    axe = pytest.importorskip("axe_playwright_python", reason="needs axe-playwright-python: tests/requirements.txt")
    page.send("2*3*4")
    page.open(EN["settings"])
    page.open(EN["chats"])
    page.tab.wait_for_timeout(500)
    page.tab.evaluate(resources.files(axe).joinpath("axe.min.js").read_text())
    found = page.tab.evaluate("axe.run()")["violations"]
    serious = [
        (violation["id"], node["html"])
        for violation in found if violation["impact"] in ("serious", "critical") for node in violation["nodes"]
    ]  # fmt: skip
    assert serious == []
    page.tab.get_by_role("button", name=EN["thoughts"]).press("Enter")
    expect(page.tab.get_by_text("I multiply 2*3*4.")).to_be_visible()
    assert page.tab.locator("#chat [role=button] button[inert]").count() >= 2


def test_Chinese_page(browser, server):
    page = Page(browser, server, locale="zh-CN", color_scheme="dark")
    expect(page.box).to_have_attribute("placeholder", ZH["placeholder"])
    page.send("2*3*4")
    expect(page.line).to_contain_text("上下文")
    expect(page.tab.get_by_text(ZH["thoughts"])).to_be_visible()
    page.send("long")
    expect(page.line).to_contain_text(ZH["time"].format(60))
    page.send(" ", done=False)
    expect(page.tab.get_by_text(ZH["empty"])).to_be_visible()
    assert page.tab.evaluate("document.body.classList.contains('dark')")
    page.close()


def test_moss_mini_calculates_on_the_page(browser):
    """The whole way, with the model that comes along; the pictures of the README."""
    folder = os.environ.get("MOSS_SCREENSHOTS")
    with served_page(Inference(device_map="cpu")) as server:
        looks = [("en-US", "light", "What is 15% of 240?", "36")]
        if folder:
            looks += [("en-US", "dark", "Solve 3x + 5 = 20", "5"), ("zh-CN", "light", "36乘以25是多少？", "900"),
                      ("zh-CN", "dark", "解方程 x^2-5x+6=0", "3")]  # fmt: skip
        for locale, scheme, question, number in looks:
            page = Page(browser, server, locale=locale, color_scheme=scheme)
            page.send(question)
            expect(page.bots.last).to_contain_text(number)
            tool = page.tab.get_by_text(re.compile("🔧 (Calculate|Solve)"))
            tool.click()
            expect(page.tab.locator("#chat pre").first).to_contain_text(number)
            if folder:
                page.tab.set_viewport_size({"width": 800, "height": 760})
                page.tab.wait_for_timeout(700)  # for the folding
                page.tab.screenshot(path=Path(folder) / f"page-{locale[:2]}-{scheme}.png")
            page.close()
