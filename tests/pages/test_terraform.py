"""Forms as Terraform: each operation has its row, no argument is invented, hostile values stay values, secrets are not told."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.models import User
from accounts.operations.groups import create_group
from operations.contract import is_secret, operation_model, parameter_names
from operations.gate import REGISTRY
from operations.rehearsal import Step
from pages import preferences
from pages.terraform import hcl, provider, told
from pages.terraform.rows import Either, Makes, Nothing
from pages.terraform.snippet import Snippet
from pages.terraform.table import TABLE
from tests.conftest import ACCOUNT, ADMINISTRATOR
from tests.pages.hcl_reader import Reference, read
from tests.pages.test_every_form_told import FORMS, made, placed, signed_in  # noqa: F401
from tests.signing_in import sign_in

# The arguments of each resource and whether they are required, as the provider 5.100.0 tells its schema; one resource is younger.
ARGUMENTS = json.loads(Path(__file__).with_name("terraform_arguments.json").read_text(encoding="utf-8"))
HOSTILE = 'a"\\ ${x} %{if} $${y} $$${z} %%{q} $%{ %${ $ % \n\r\t\x00\x7f é 😀 \u202e\u2028 \\u0041 */ # // $'
DOCUMENT = '{\n  "Version": "2012-10-17",\r\n\t"Statement": [{"Resource": "arn:aws:s3:::${aws:username}/*"}]\n}\n'
OWN_POLICY, AWS_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/ops/reading", "arn:aws:iam::aws:policy/ReadOnlyAccess"


def step(name, **params):
    return Step("iam", name, params)


def one(*steps):
    """The only resource that these come to, and the comments."""
    blocks, comments = read(told(steps))
    (block,) = [each for each in blocks if each.kind == "resource"]
    return block, comments


def address(block):
    return ".".join(block.labels)


# --- the table ---------------------------------------------------------------------------------------------------------------


def test_every_operation_that_changes_or_issues_something_has_its_row():
    noted = {operation.name for operation in REGISTRY.values() if operation.at_once}
    assert sorted(noted - TABLE.keys()) == []
    assert sorted(TABLE.keys() - {operation.name for operation in REGISTRY.values()}) == []


def test_every_operation_of_a_form_has_its_row():
    assert {name for *_rest, names in FORMS.values() for name in names} - TABLE.keys() == set()


def sample(shape, name=""):
    """A value for every member of a shape, each a hostile one where the model takes any text."""
    kind = shape.type_name
    if kind == "structure":
        return {member: sample(inner, member) for member, inner in shape.members.items()}
    if kind == "list":
        return [sample(shape.member, name)]
    if kind == "map":
        return {}
    plain = {"boolean": True, "integer": 7, "long": 7, "timestamp": "2030-01-01T00:00:00Z"}
    if kind in plain:
        return plain[kind]
    if is_secret(name, shape):
        return "SECRET-VALUE"
    if "Arn" in name or name == "PermissionsBoundary":
        return f"arn:aws:iam::{ACCOUNT}:policy/ops/{HOSTILE.replace('/', '')}"
    return HOSTILE


def step_of(name):
    """An operation with all of its parameters."""
    service = "sts" if f"sts:{name}" in REGISTRY else "iam"
    shape = operation_model(service, name).input_shape
    given = sample(shape) if shape else {}
    return Step(service, name, {key: given[member] for key, member in parameter_names(service, name).items()})


@pytest.mark.parametrize("name", sorted(TABLE))
def test_each_row_makes_hcl_with_arguments_that_the_provider_has(name):
    each = step_of(name)
    text = told([each])
    blocks, comments = read(text)
    assert blocks or comments, "something is said of every operation"
    assert "SECRET-VALUE" not in text
    for block in blocks:
        if block.kind == "variable":
            assert block.arguments == {"type": Reference("string"), "sensitive": True}
            continue
        known = ARGUMENTS[block.labels[0]]
        assert set(block.arguments) <= set(known)
        row = TABLE[each.name]
        if isinstance(row, Makes):
            assert {argument for argument, required in known.items() if required} <= set(block.arguments)
        elif not isinstance(row, Either | Nothing) and "name" in known and each.name != "AddUserToGroup":
            assert "name" in block.arguments
    if isinstance(TABLE[each.name], Nothing):
        assert not blocks
        assert comments[0].startswith(f"{each.name}: ")


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_value_that_is_told_comes_back_word_for_word(name):
    each = step_of(name)

    def values(given):
        if isinstance(given, dict):
            yield from (found for inner in given.items() for part in inner for found in values(part))
        elif isinstance(given, list):
            yield from (found for inner in given for found in values(inner))
        elif isinstance(given, str) and not isinstance(given, Reference):
            yield given

    known = {str(value) for value in values(dict(each.params))} | {HOSTILE, "SSH", ""}
    known |= {value.rpartition("/")[2] for value in known} | {value.partition("//")[2] for value in known}
    for block in read(told([each]))[0]:
        names = {"name", "virtual_mfa_device_name", *block.arguments.get("tags", {})}
        assert [text for text in values(block.arguments) if text not in known | names | set(block.arguments)] == []


# --- values ------------------------------------------------------------------------------------------------------------------


@given(st.text())
@example(HOSTILE)
@example("$${")
@example("$$$$${%%%%{")
@example("\ud800")
def test_whatever_a_value_says_it_stays_one_string(text):
    (block,), comments = read(hcl.block("locals", {"value": text}))
    assert block.arguments["value"] == re.sub("[\ud800-\udfff]", "\ufffd", text)
    assert comments == []


@given(st.dictionaries(st.text(), st.text(), max_size=4), st.lists(st.text(), max_size=4))
@example({"for": "x", "null": "y", "a-b": "", "1": "2", "": ""}, ["x" * 80])
def test_maps_and_lists_hold_what_they_held(tags, items):
    (block,), _comments = read(hcl.block("locals", {"tags": tags, "items": items, "yes": True, "no": False, "n": 12}))
    clean = lambda text: re.sub("[\ud800-\udfff]", "\ufffd", text)  # noqa: E731
    assert block.arguments == {
        "tags": {clean(key): clean(value) for key, value in tags.items()},
        "items": list(map(clean, items)),
        "yes": True,
        "no": False,
        "n": 12,
    }


@given(st.text())
def test_a_label_is_an_identifier(text):
    assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", hcl.identifier(text))


@given(st.text())
def test_a_comment_has_one_line(text):
    assert len(hcl.comment(text).splitlines()) == 1


def test_labels_are_distinct_within_a_type():
    steps = [step("CreateUser", user_name=name) for name in ("a.b", "a@b", "a_b", "1", "-1")]
    labels = [block.labels[1] for block in read(told(steps))[0]]
    assert labels == ["a_b", "a_b_2", "a_b_3", "_1", "_-1"]


@pytest.mark.skipif(not shutil.which("terraform"), reason="Terraform is not installed")
def test_terraform_reads_it_and_would_lay_it_out_the_same():
    text = told(map(step_of, TABLE))
    done = subprocess.run(
        ["terraform", "fmt", "-no-color", "-"],
        input=f"{text}\n\n{provider()}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{text}\n\n{provider()}\n"


# --- resources -----------------------------------------------------------------------------------------------------------------


def test_what_a_form_makes_together_refers_to_one_another():
    blocks, _comments = read(
        told(
            [
                step("CreateGroup", group_name="ops"),
                step("CreatePolicy", policy_name="reading", path="/ops/", policy_document=DOCUMENT),
                step("CreateUser", user_name="emil", permissions_boundary=OWN_POLICY),
                step("AddUserToGroup", user_name="emil", group_name="OPS"),
                step("AddUserToGroup", user_name="emil", group_name="admins"),
                step("AttachUserPolicy", user_name="emil", policy_arn=OWN_POLICY),
                step("AttachUserPolicy", user_name="emil", policy_arn=AWS_POLICY),
            ]
        )
    )
    found = {address(block): block.arguments for block in blocks}
    assert found["aws_iam_policy.reading"]["policy"] == DOCUMENT
    assert found["aws_iam_user.emil"]["permissions_boundary"] == Reference("aws_iam_policy.reading.arn")
    assert found["aws_iam_user_group_membership.emil"] == {
        "user": "aws_iam_user.emil.name",
        "groups": ["aws_iam_group.ops.name", "admins"],
    }
    assert found["aws_iam_user_policy_attachment.emil_reading"]["policy_arn"] == Reference("aws_iam_policy.reading.arn")
    assert found["aws_iam_user_policy_attachment.emil_ReadOnlyAccess"]["policy_arn"] == AWS_POLICY


def test_a_policy_of_aws_is_not_taken_for_one_of_the_same_name():
    steps = [
        step("CreatePolicy", policy_name="ReadOnlyAccess", policy_document="{}"),
        step("AttachRolePolicy", role_name="deploy", policy_arn=AWS_POLICY),
    ]
    assert read(told(steps))[0][1].arguments == {"role": "deploy", "policy_arn": AWS_POLICY}


def test_what_is_there_already_is_said_to_be_so_and_changes_come_together():
    block, comments = one(
        step("PutUserPermissionsBoundary", user_name="dora", permissions_boundary=OWN_POLICY),
        step("TagUser", user_name="dora", tags=[{"Key": "team", "Value": "red"}]),
        step("TagUser", user_name="dora", tags=[{"Key": "a", "Value": "b"}]),
    )
    assert block.arguments == {"name": "dora", "permissions_boundary": OWN_POLICY, "tags": {"team": "red", "a": "b"}}
    assert comments == [
        "aws_iam_user.dora is there already: set this in its block and leave the rest.",
        "Its other tags stay.",
    ]


def test_a_renamed_user_keeps_its_block():
    block, _comments = one(
        step("UpdateUser", user_name="dora", new_user_name="dorothy", new_path="/x/"),
        step("TagUser", user_name="dorothy", tags=[{"Key": "a", "Value": "b"}]),
    )
    assert address(block) == "aws_iam_user.dora"
    assert block.arguments == {"name": "dorothy", "path": "/x/", "tags": {"a": "b"}}


def test_what_goes_is_told_with_its_address():
    text = told(
        [
            step("RemoveUserFromGroup", user_name="dora", group_name="ops"),
            step("DetachUserPolicy", user_name="dora", policy_arn=OWN_POLICY),
            step("DeleteUserPermissionsBoundary", user_name="dora"),
            step("UntagUser", user_name="dora", tag_keys=["a b", "c\n}"]),
            step("DeleteUser", user_name="dora"),
            step("SetDefaultPolicyVersion", policy_arn=OWN_POLICY, version_id="v2"),
        ]
    )
    assert text.splitlines() == [
        '# Take "ops" out of groups in aws_iam_user_group_membership.dora',
        "# Remove the resource from the configuration: aws_iam_user_policy_attachment.dora_reading",
        "# Take permissions_boundary out of aws_iam_user.dora",
        '# Take "a b", "c\\n}" out of tags in aws_iam_user.dora',
        "# Remove the resource from the configuration: aws_iam_user.dora",
        '# Put the text of version "v2" into policy in aws_iam_policy.reading',
    ]


def test_what_is_made_and_taken_away_again_leaves_nothing():
    assert told([step("CreateGroup", group_name="ops"), step("DeleteGroup", group_name="ops")]) == ""
    block, comments = one(
        step("DeleteUserPolicy", user_name="dora", policy_name="own"),
        step("PutUserPolicy", user_name="dora", policy_name="own", policy_document="{}"),
    )
    assert (address(block), comments) == ("aws_iam_user_policy.dora_own", [])


def test_a_version_that_is_not_the_default_has_no_resource():
    version = {"policy_arn": OWN_POLICY, "policy_document": DOCUMENT}
    assert "has no resource" in told([step("CreatePolicyVersion", **version)])
    assert one(step("CreatePolicyVersion", **version, set_as_default=True))[0].arguments["policy"] == DOCUMENT


def test_the_root_user_is_no_resource():
    assert read(told([step("CreateAccessKey")])) == (
        [],
        ["CreateAccessKey: Terraform has no resource for the root user"],
    )


def test_an_issuer_without_clients_has_an_empty_list():
    block, _comments = one(step("CreateOpenIDConnectProvider", url="https://id.example.com/a"))
    assert address(block) == "aws_iam_openid_connect_provider.id_example_com_a"
    assert block.arguments["client_id_list"] == []


def test_a_private_key_is_a_variable():
    text = told(
        [step("UploadServerCertificate", server_certificate_name="1", certificate_body="a\nb", private_key="K")]
    )
    variable, block = read(text)[0]
    assert variable.labels == ["_1_private_key"]
    assert block.arguments["private_key"] == Reference("var._1_private_key")


def test_a_public_key_says_how_it_is_written():
    for body, encoding in (("ssh-rsa AAAA", "SSH"), ("-----BEGIN PUBLIC KEY-----\nA", "PEM")):
        block, _comments = one(step("UploadSSHPublicKey", user_name="dora", ssh_public_key_body=body))
        assert block.arguments == {"username": "dora", "encoding": encoding, "public_key": body}


def test_the_provider_is_pointed_at_this_console(settings):
    settings.BASE_URL = "https://iam.example.com"
    (block,), _comments = read(provider())
    address = "https://iam.example.com/api/"
    assert (block.labels, block.blocks[0].arguments) == (["aws"], {"iam": address, "sts": address})


def test_many_operations_take_no_more_than_their_number():
    snippet = Snippet()
    for _time in range(2000):
        snippet.resource("aws_iam_user", ("dora",), is_new=True)
    assert snippet.text().count("resource") == 1


# --- in the page ---------------------------------------------------------------------------------------------------------------


def shown(page):
    """The Terraform of an answer, as it is copied."""
    part = page.content.decode().partition('class="stack as-terraform"')[2]
    found = re.search(r'data-copy="([^"]*)"', part)
    return html.unescape(found[1]) if found else ""


@pytest.mark.parametrize("name", ["role", "inline", "detach", "key", "new password", "status"])
def test_a_form_shows_what_it_leaves_behind(name, made, signed_in):  # noqa: F811
    place, sent, press, _names = FORMS[name]
    data = {key: placed(value, made) for key, value in sent.items()}
    page = signed_in.post(placed(place, made), data | {"show-commands": placed(press, made)})
    blocks, comments = read(shown(page))
    expected = {
        "role": ["aws_iam_role.web", "aws_iam_instance_profile.web"],
        "inline": ["aws_iam_user_policy.dora_more"],
        "detach": [],
        "key": ["aws_iam_access_key.bob"],
        "new password": [],
        "status": [f"aws_iam_access_key.dora_{made.values['key']}"],
    }
    assert [address(block) for block in blocks] == expected[name]
    assert blocks or comments


def test_a_document_arrives_word_for_word(signed_in):  # noqa: F811
    document = '{ "Version":"2012-10-17",\n"Statement":[{"Effect":"Allow","Action":"s3:*",\n  "Resource":"arn:aws:s3:::${aws:username}/*"}]}'
    asked = {"policy_name": "mine", "policy_document": document, "path": "/", "show-commands": "create"}
    (block,), _comments = read(shown(signed_in.post(reverse("policies:create"), asked)))
    assert block.arguments["policy"] == document


def test_no_password_is_told(signed_in):  # noqa: F811
    asked = {"old_password": "Correct-horse-1", "new_password": "Correct-horse-2", "repeated": "Correct-horse-2"}
    page = signed_in.post(reverse("accounts:change-password"), asked | {"show-commands": ""})
    assert "Correct-horse" not in page.content.decode()


def test_the_way_is_kept_for_the_reader(client, make_user, system):
    sign_in(client, make_user("sam", ADMINISTRATOR), mfa=True)
    create_group(system, group_name="ops")
    asked = {"group_name": "crew", "path": "/", "show-commands": "create"}
    checked = re.compile(r'value="(\w+)" checked')
    for way in ("cli", "terraform"):
        client.post(reverse("pages:preferences"), {"told": way}, HTTP_X_REQUESTED_WITH="fetch")
        page = client.post(reverse("accounts:group-create"), asked, HTTP_HX_REQUEST="true").content.decode()
        assert checked.findall(page) == [way]
    client.post(reverse("pages:preferences"), {"told": "pulumi"})
    assert User.objects.get(name="sam").preferences["told"] == "terraform"
    assert preferences.CHOICES["told"][0] == "cli"
