"""Forms: how fields are tied together, and where an operation's error goes."""

import pytest
from django import forms

from operations.contract import validate
from operations.errors import EntityAlreadyExists, LimitExceeded, MalformedPolicyDocument, ServiceError, ValidationError
from pages.components.shell import error_summary, field
from pages.forms import AgreementField, apply_error, readable


class UserForm(forms.Form):
    """A form over two parameters of CreateUser."""

    error_fields = {"EntityAlreadyExists": "user_name"}
    user_name = forms.CharField(label="User name", help_text="Unique in the account.", required=False)
    path = forms.CharField(label="Path", required=False)
    policy_document = forms.CharField(required=False)
    tags = forms.CharField(required=False)


def bound(**data: str) -> UserForm:
    form = UserForm(data)
    assert form.is_valid()
    return form


def error_of(**params: object) -> ServiceError:
    """The real error of the real contract."""
    with pytest.raises(ValidationError) as caught:
        validate("iam", "CreateUser", params)
    return caught.value


def test_label_help_and_error_are_tied_to_the_control() -> None:
    form = bound(user_name="a b")
    form.add_error("user_name", "No blanks.")
    html = field(form["user_name"])
    assert '<label for="id_user_name">' in html
    assert 'aria-describedby="id_user_name_helptext id_user_name_error"' in html
    assert 'id="id_user_name_helptext"' in html
    assert 'id="id_user_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'value="a b"' in html


def test_the_summary_links_to_the_fields() -> None:
    form = bound(user_name="x")
    assert "callout" not in error_summary({}, form)
    form.add_error("user_name", "First.")
    form.add_error(None, "Second.")
    html = error_summary({}, form)
    assert "There are 2 problems" in html
    assert '<a href="#id_user_name">User name: First.</a>' in html
    assert 'role="alert"' in html


def test_a_label_that_asks_has_no_colon_behind_its_question_mark() -> None:
    form = bound()
    form["path"].label = "Which path?"
    form.add_error("path", "This field is required.")
    assert ">Which path? This field is required.</a>" in error_summary({}, form)


def test_a_label_that_is_a_sentence_has_a_short_one_in_the_summary() -> None:
    form = bound()
    form.fields["agreed"] = AgreementField(label="Delete v1 & make room", short_label="Version & room", required=False)
    form.add_error("agreed", "Agree to it.")
    assert ">Version &amp; room: Agree to it.</a>" in error_summary({}, form)
    assert "Delete v1 &amp; make room" in field(form["agreed"])


def test_a_validation_error_goes_to_its_parameters() -> None:
    form = bound()
    apply_error(form, error_of(user_name="a b", path="nope"))
    assert form.errors["user_name"] == ["Use letters, digits and + = , . @ _ - only."]
    assert form.errors["path"][0].startswith("Begin and end with a slash")


@pytest.mark.parametrize(
    ("params", "name", "text"),
    [
        ({"user_name": "a" * 65}, "user_name", "Use at most 64 characters."),
        ({"user_name": ""}, "user_name", "Use at least 1 character."),
        ({}, "user_name", "This is needed."),
        ({"user_name": "a", "tags": [{"Key": "k" * 129, "Value": ""}]}, "tags", "Tag 1: Use at most 128 characters."),
        (
            {"user_name": "a", "tags": [{"Key": "a", "Value": ""}, {"Key": "a<b", "Value": ""}]},
            "tags",
            "Tag 2: Use letters, digits, spaces and _ . : / = + - @ only.",
        ),
        (
            {"user_name": "a", "tags": [{"Key": f"k{n}", "Value": ""} for n in range(51)]},
            "tags",
            "Use at most 50 tags.",
        ),
    ],
)
def test_constraints_say_what_to_do(params: dict[str, object], name: str, text: str) -> None:
    form = bound()
    apply_error(form, error_of(**params))
    assert text in form.errors[name]


@pytest.mark.parametrize(
    ("operation", "params", "sentence"),
    [
        (
            "CreatePolicy",
            {"policy_name": "a", "policy_document": "{}", "path": "/a!b/"},
            "between slashes, use letters",
        ),
        (
            "CreateRole",
            {"role_name": "a", "assume_role_policy_document": "{}", "description": "a – b"},
            "of Latin-1 only",
        ),
    ],
)
def test_no_expression_is_shown_for_what_people_mistype(operation: str, params: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate("iam", operation, params)
    form = bound()
    apply_error(form, caught.value)
    told = str(form.errors)
    assert sentence in told
    assert "pattern" not in told


def test_a_document_of_any_parameter_goes_to_the_field_of_documents() -> None:
    form = bound()
    with pytest.raises(ValidationError) as caught:
        validate("iam", "CreateRole", {"role_name": "a", "assume_role_policy_document": ""})
    apply_error(form, caught.value)
    assert form.errors["policy_document"][0] == "Use at least 1 character."


def test_a_parameter_with_an_acronym_goes_to_its_field() -> None:
    class KeyForm(forms.Form):
        ssh_public_key_body = forms.CharField(required=False)

    form = KeyForm({})
    assert form.is_valid()
    with pytest.raises(ValidationError) as caught:
        validate("iam", "UploadSSHPublicKey", {"user_name": "a", "ssh_public_key_body": "“curly”"})
    apply_error(form, caught.value)
    assert "signs of Latin-1 only" in form.errors["ssh_public_key_body"][0]


def test_a_parameter_that_the_form_lacks_is_named_on_top() -> None:
    form = bound()
    apply_error(form, error_of(user_name="a", permissions_boundary="short"))
    assert form.non_field_errors() == ["permissionsBoundary: Use at least 20 characters."]


def test_values_that_aws_sts_names_do_not_hide_the_parameter() -> None:
    class SessionForm(forms.Form):
        role_session_name = forms.CharField(required=False)
        transitive_tag_keys = forms.CharField(required=False)

    form = SessionForm({})
    assert form.is_valid()
    with pytest.raises(ValidationError) as caught:
        validate("sts", "AssumeRole", {"role_session_name": "it's; Value 'x", "transitive_tag_keys": ["k" * 129]})
    apply_error(form, caught.value)
    assert "regular expression" in form.errors["role_session_name"][0]
    assert form.errors["transitive_tag_keys"][0].startswith("Use at most 128 characters. Use at least 1 character. ")
    assert form.non_field_errors() == ["roleArn: This is needed."]


def test_other_errors_go_where_the_form_says() -> None:
    form = bound()
    apply_error(form, EntityAlreadyExists("User with name a already exists."))
    assert form.errors == {"user_name": ["User with name a already exists."]}


def test_a_malformed_document_names_its_line() -> None:
    form = bound()
    apply_error(form, MalformedPolicyDocument("Syntax errors in policy.", line=7, column=3))
    assert form.errors["policy_document"] == ["Line 7: Syntax errors in policy."]


def test_errors_about_nothing_in_the_form_stand_on_top() -> None:
    form = bound()
    apply_error(form, LimitExceeded("Cannot exceed quota for UsersPerAccount: 5000"))
    assert form.non_field_errors() == ["Cannot exceed quota for UsersPerAccount: 5000"]


def test_an_unknown_constraint_stays_as_it_is() -> None:
    assert readable("Member must be odd") == "Member must be odd"
    assert readable("Member must have value less than or equal to 12") == "Use at most 12."
    assert readable("Member must satisfy enum value set: [Active, Inactive]") == "Use one of: Active, Inactive."
