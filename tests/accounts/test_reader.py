"""What pages remember for a reader is kept in the reader's row."""

from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.signing_in import sign_in


def test_appearance_is_kept_and_shown(client: Client, make_user: Any) -> None:
    user = make_user("lena")
    sign_in(client, user)
    client.post("/preferences/", {"theme": "dark", "density": "compact", "next": "/users/"})
    client.post("/preferences/", {"contrast": "more", "theme": "no such theme"})
    assert User.objects.get(pk=user.pk).preferences == {"theme": "dark", "density": "compact", "contrast": "more"}
    elsewhere = Client()
    sign_in(elsewhere, user)
    html = elsewhere.get(reverse("accounts:security-credentials")).content.decode()
    assert 'data-theme="dark"' in html
    assert 'data-density="compact"' in html


def test_columns_and_page_size_are_kept_for_each_list(client: Client, make_user: Any) -> None:
    user = make_user("lena")
    sign_in(client, user)
    client.post("/preferences/lists/users/", {"columns": ["name", "path"], "size": "25"})
    client.post("/preferences/lists/groups/", {"columns": ["name"], "size": "7"})
    lists = User.objects.get(pk=user.pk).preferences["lists"]
    assert lists == {"users": {"columns": ["name", "path"], "size": 25}, "groups": {"columns": ["name"]}}
    client.post("/preferences/lists/users/", {"reset": "1"})
    assert User.objects.get(pk=user.pk).preferences["lists"]["users"] == {}


def test_the_root_user_has_preferences_too(client: Client, account: Any) -> None:
    root = User.everyone.get(account=account, is_root=True)
    sign_in(client, root)
    client.post("/preferences/", {"theme": "light"})
    assert User.everyone.get(pk=root.pk).preferences == {"theme": "light"}


def test_nobody_has_preferences_without_signing_in(client: Client, account: Any) -> None:
    response = client.post("/preferences/", {"theme": "dark"})
    assert response.status_code == 302
    assert not User.everyone.exclude(preferences={}).exists()
