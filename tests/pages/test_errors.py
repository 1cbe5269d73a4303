"""Error pages: a refusal with its reason, what is missing, what failed, our own faults; and refused parts of a page."""

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory

from operations.errors import AccessDenied
from pages import errors
from pages.views.design import denied


def test_a_denial_shows_the_sentence_the_permission_and_the_layer(root_client: Client) -> None:
    response = root_client.get("/design/error/denied/")
    html = response.content.decode()
    assert response.status_code == 403
    assert "because no identity-based policy allows the iam:DeleteUser action" in html
    assert 'data-copy="iam:DeleteUser"' in html
    assert "Identity policies" in html
    assert "Denied: no policy allows it" in html
    assert "<dt>Missing in</dt>" in html
    assert response["x-amzn-RequestId"] in html


def test_a_denial_links_to_its_explanation_if_there_is_one(
    root_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Why was this denied?" not in root_client.get("/design/error/denied/").content.decode()
    monkeypatch.setattr(errors, "_explanations", [lambda request, error: "/why/1/"])
    assert 'href="/why/1/"' in root_client.get("/design/error/denied/").content.decode()


def test_what_is_missing_is_404_with_the_operations_sentence(root_client: Client) -> None:
    response = root_client.get("/design/error/missing/")
    assert response.status_code == 404
    assert "The user with name alicia cannot be found." in response.content.decode()


def test_other_errors_show_code_and_sentence(root_client: Client) -> None:
    response = root_client.get("/design/error/limit/")
    assert response.status_code == 409
    assert "LimitExceeded" in response.content.decode()
    assert "Cannot exceed quota for UsersPerAccount: 5000" in response.content.decode()


@pytest.mark.parametrize("code", ["denied", "missing", "limit"])
def test_htmx_gets_a_message_in_place(root_client: Client, code: str) -> None:
    response = root_client.get(f"/design/error/{code}/", headers={"HX-Request": "true"})
    assert response["HX-Retarget"] == "#flash"
    assert "<html" not in response.content.decode()
    assert 'role="alert"' in response.content.decode()


def test_nobody_in_particular_gets_the_plain_page(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.session = {}  # type: ignore[assignment]
    html = errors.service_error(request, denied()).content.decode()
    assert 'class="plain"' in html
    assert 'id="navigation"' not in html


def test_an_unknown_address(root_client: Client) -> None:
    response = root_client.get("/nothing/here/")
    assert response.status_code == 404
    assert "There is no page at this address." in response.content.decode()


def test_an_address_that_takes_forms_only_says_so(root_client: Client) -> None:
    response = root_client.get("/preferences/")
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert "This address takes what a form sends" in response.content.decode()


def test_our_own_fault_needs_nothing_that_may_be_broken(rf: RequestFactory, django_assert_num_queries: object) -> None:
    request: HttpRequest = rf.get("/")
    request.request_id = "abc-123"  # type: ignore[attr-defined]
    response = errors.server_error(request)
    assert response.status_code == 500
    assert "abc-123" in response.content.decode()
    assert errors.bad_request(request).status_code == 400


def test_a_stale_form_keeps_what_was_typed_but_no_secret(root_client: Client) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = root_client.cookies
    typed = {"theme": "dark", "password": "hush-hush", "totp_code": "123456"}
    response = client.post("/preferences/", typed, headers={"Origin": "http://testserver"})
    html = response.content.decode()
    assert response.status_code == 403
    assert 'name="theme" value="dark"' in html
    assert "hush-hush" not in html
    assert "123456" not in html


def test_a_stale_form_shows_what_was_typed_as_it_was_typed(root_client: Client) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = root_client.cookies
    typed = {"policy_document": '{\n  "Version": "2012-10-17"\n}', "seen": "abc", "create": "1", "path": "/ops/"}
    response = client.post("/preferences/", typed, headers={"Origin": "http://testserver"})
    assert response.context["typed"] == [("Policy document", typed["policy_document"]), ("Path", "/ops/")]
    assert 'name="create" value="1"' in response.content.decode()


def test_a_part_of_a_page_is_read_or_refused() -> None:
    def read(number: int) -> int:
        if number > 1:
            raise AccessDenied("no", **denied().details)
        return number

    assert errors.part(read, 1).value == 1
    refused = errors.part(read, number=2)
    assert refused.value is None
    assert refused.refusal is not None
    assert refused.refusal.permission == "iam:DeleteUser"
    assert refused.refusal.resource == "arn:aws:iam::123456789012:user/alice"
    with pytest.raises(ZeroDivisionError):
        errors.part(lambda: 1 / 0)
