"""A first visit weighs less than 150 KB, styles, scripts and page together; the policy editor loads itself when it is needed."""

import gzip
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import User
from operations.caller import Caller
from tests.every_page import pages, populate
from tests.signing_in import sign_in

MOST = 150_000  # bytes
ROWS = 60  # more than a page of a list shows


@pytest.fixture(autouse=True)
def _console(settings: Any) -> None:
    settings.ROOT_URLCONF = "iamconsole.urls"


@cache
def compressed(path: str) -> int:
    """What a static file weighs on the wire: it is served compressed, as a page with its secrets is not."""
    found = finders.find(path)
    assert found, path
    return len(gzip.compress(Path(found).read_bytes()))


def weight(html: str) -> int:
    parts = set(re.findall(r'(?:href|src)="/static/([^"?]+)"', html))
    return len(html.encode()) + sum(map(compressed, parts))


def test_the_first_visit_of_each_page_is_light(client: Client, account: Any, admin: Caller, nobody: Caller) -> None:
    made = populate(account, admin, nobody)
    names = [
        {"name": f"some.body-{number}", "name_key": f"some.body-{number}", "path": "/people/"} for number in range(ROWS)
    ]
    User.objects.bulk_create(User(account=account, unique_id=f"AIDAMORE{n}", **each) for n, each in enumerate(names))
    sign_in(client, User.objects.get(name="alice"), mfa=True)
    found = {name: weight(html) for name, _address, html in pages(client, made)}
    assert len(found) > 50
    assert max(found.values()) > 60_000, "styles and scripts are counted"
    assert {name: bytes_ for name, bytes_ in found.items() if bytes_ >= MOST} == {}
