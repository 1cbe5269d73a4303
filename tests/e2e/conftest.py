"""Real browsers against a live server: a page that is signed in, axe, and pictures of pages.

    def test_users(visit: Visit, admin_user: User, axe: Axe, picture: Picture) -> None:
        page = visit("/users/", admin_user)
        axe(page)
        picture(page, "users-full")

Pictures are taken with `--screenshots-of-pages` only (`make screenshots`), into screenshots/.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Condition
from time import monotonic, sleep
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import Account, User
from accounts.sessions import SessionStore
from operations.ids import unique_id

# Playwright runs an event loop in this thread; Django's guard against database calls from one does not apply to it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
expect.set_options(timeout=15_000)  # machines differ; a page that never comes still fails
# What moves towards an end is brought to it; what turns for ever or follows the scrolling has none.
FINISH = "document.getAnimations().filter((one) => Number.isFinite(one.effect.getComputedTiming().endTime)).forEach((one) => one.finish())"
# What a page arranges once it knows its sizes (tabs, drawings) comes with the frame after it is loaded.
FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
# Chromium without a window's frame is the same engine and takes half of the time.
INSTALLED = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(os.path.exists, INSTALLED), "")
FOLDER = Path(django_settings.BASE_DIR) / "screenshots"
ADMINISTRATOR = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots-of-pages", action="store_true", help="take the pictures of `make screenshots`")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium where there is one; the container runs it as root, hence without its sandbox."""
    own = {"executable_path": CHROMIUM} if CHROMIUM else {}
    return {**browser_type_launch_args, **own, "args": ["--no-sandbox"]}


@pytest.fixture
def admin_user(transactional_db: None, account: Account) -> User:
    """A user who may do everything."""
    from accounts.models import UserInlinePolicy

    account.alias = "acme"
    account.save()
    user = User.objects.create(account=account, name="ops-admin", name_key="ops-admin", unique_id=unique_id("AIDA"))
    UserInlinePolicy.objects.create(user=user, name="all", name_key="all", document=ADMINISTRATOR)
    return user


class Underway:
    """The requests that the live server is answering: a page that is closed does not take back what it has asked."""

    def __init__(self) -> None:
        self.count = 0
        self.changed = Condition()

    def watched(self, answer: Callable[..., Any]) -> Callable[..., Any]:
        """The server's handler, counted while it runs."""

        def call(*args: Any) -> Any:
            self.move(1)
            try:
                return answer(*args)
            finally:
                self.move(-1)

        return call

    def move(self, step: int) -> None:
        with self.changed:
            self.count += step
            self.changed.notify_all()

    def over(self) -> bool:
        """Wait until nothing is under way; False where that takes longer than any page may."""
        with self.changed:
            return self.changed.wait_for(lambda: self.count == 0, timeout=30)


@pytest.fixture(scope="session")
def underway() -> Iterator[Underway]:
    requests = Underway()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WSGIHandler, "__call__", requests.watched(WSGIHandler.__call__))
        yield requests


@pytest.fixture(autouse=True)
def _ended(browser: Browser, transactional_db: None, underway: Underway) -> Iterator[None]:
    """What a test has opened has closed, and what it has asked is answered, before its tables are emptied."""
    yield
    for context in browser.contexts:
        context.close()
    assert underway.over(), "a request of the last page never ended"


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Visit]:
    """Open an address as a user (or nobody): `visit("/users/", user, width=390, theme="dark", scripts=False)`."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(
        path: str,
        user: User | None = None,
        *,
        width: int = 1440,
        height: int = 900,
        theme: str = "light",
        scripts: bool = True,
        status: int = 200,
        **facts: str,
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            color_scheme=theme,
            java_script_enabled=scripts,
            timezone_id="Europe/Berlin",
            reduced_motion="reduce",
        )
        contexts.append(context)
        if user is not None:
            context.add_cookies(
                [
                    {
                        "name": django_settings.SESSION_COOKIE_NAME,
                        "value": session_of(user, **facts),
                        "url": live_server.url,
                    }
                ]
            )
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None,
        )
        response = page.goto(path)
        assert response is not None
        assert response.status == status, f"{path}: {response.status}"
        if scripts:
            page.evaluate(FRAMES)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def session_of(user: User, **facts: str) -> str:
    """The cookie's value of a new session of the user, as signing in makes it."""
    now = timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    session = SessionStore()
    session.update(
        {
            "user_id": user.pk,
            "session_id": f"test-{user.pk}",
            "signed_in_at": now,
            "factor_at": now,
            "source_ip": "127.0.0.1",
            "user_agent": "tests",
            **facts,
        }
    )
    session.save()
    assert session.session_key
    return session.session_key


def becomes(read: Callable[[], Any], wanted: Any) -> None:
    """What a page shows after an action comes to be what is wanted: an answer may take its time, and what was there before may still stand."""
    until = monotonic() + 15
    while (found := read()) != wanted and monotonic() < until:
        sleep(0.05)
    assert found == wanted


Axe = Callable[..., None]
COLOURS = (
    "color-contrast",
    "link-in-text-block",
)  # the rules that can find in another theme what they did not find in one


@pytest.fixture
def axe() -> Axe:
    """Fails with what axe finds on the page (WCAG 2.2 A and AA, and best practices); `axe(page, COLOURS)` asks these rules only."""

    def check(page: Page, rules: Sequence[str] = ()) -> None:
        page.evaluate(FINISH)
        if not page.evaluate("Boolean(window.axe)"):  # half a megabyte: once for each page
            page.evaluate(AXE_SCRIPT)
        options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
        violations = page.evaluate("(options) => axe.run(document, options).then((found) => found.violations)", options)
        found = [
            f"{one['id']}: {node['html'][:160]} | {node.get('failureSummary', '')[:200]}"
            for one in violations
            for node in one["nodes"]
        ]
        assert found == [], "\n".join(found)

    return check


Picture = Callable[[Page, str], None]


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Picture:
    """With --screenshots-of-pages: the page at 1440 and 390 px, light and dark, whole length."""
    wanted = request.config.getoption("--screenshots-of-pages", default=False)

    def take(page: Page, name: str) -> None:
        if not wanted:
            return
        FOLDER.mkdir(exist_ok=True)
        before = page.viewport_size
        for width in (1440, 390):
            for theme in ("light", "dark"):
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=theme)
                # As high as the page is, so that what sticks to the top stands at the top.
                height = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({"width": width, "height": min(max(height, 900), 6000)})
                page.evaluate("scrollTo(0, 0)")
                page.screenshot(path=FOLDER / f"{name}-{width}-{theme}.png")
        page.emulate_media(color_scheme="light")
        if before:
            page.set_viewport_size(before)

    return take
