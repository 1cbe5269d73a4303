"""«My sessions» stands in the person's menu for whoever may see them."""

import pytest
from django.urls import reverse

from tests.signing_in import sign_in

DENY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:ListConsoleSessions","Resource":"*"}]}'


@pytest.mark.parametrize(("document", "offered"), [(None, True), (DENY, False)], ids=["no policy", "denied"])
def test_it_is_offered_to_whoever_may_see_them(client, make_user, account, document, offered):
    sign_in(client, make_user("dora", document))
    shown = client.get(reverse("accounts:security-credentials")).content.decode()
    assert (f'href="{reverse("accounts:sessions")}"' in shown) is offered
    assert client.get(reverse("accounts:sessions")).status_code == (200 if offered else 403)
