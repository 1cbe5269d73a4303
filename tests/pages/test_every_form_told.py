"""Every form of the console can be told as commands, and the commands are right: AWS's own model knows each operation and parameter."""

import html
import json
import re
import shlex
from datetime import timedelta
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.model import ListShape, StructureShape
from botocore.validate import ParamValidator
from django.conf import settings
from django.urls import reverse

from accounts.models import ConsoleSession, MfaDevice, Role, User
from accounts.operations.boundaries import put_role_permissions_boundary, put_user_permissions_boundary
from accounts.operations.login_profiles import create_login_profile
from api import parse
from api.dispatch import route
from federation.group_roles import give_roles
from operations.clock import now
from operations.contract import service_model, validate
from operations.models import Event
from policies.entities import entities_of
from policies.models import ManagedPolicy, PolicyComment, PolicyProposal
from policies.operations.policy_activations import cancel_policy_activation
from policies.operations.policy_trials import stop_policy_trial
from policies.saving import mark
from tests.conftest import ACCOUNT, ADMINISTRATOR
from tests.every_page import READ, SSH_KEY, TRUST, populate
from tests.signed_by_itself import certificate
from tests.signing_in import sign_in

# How many forms of a template tell no commands, and why.
SILENT = {
    "access/decision.html": (1, "asks the simulator and changes nothing; the page has its command"),
    "access/simulate_instead.html": (1, "asks the simulator and changes nothing; the page has its command"),
    "access/simulator.html": (1, "asks the simulator and changes nothing; the page has its command"),
    "access/try_trust.html": (1, "tries a token and changes nothing"),
    "accounts/holders/policies.html": (1, "leads to the review, which tells them"),
    "accounts/importing/import.html": (4, "brings a whole file, which no command holds; and forgets one"),
    "accounts/roles/trust.html": (1, "is the document of the review, which tells them"),
    "accounts/security/access_key_secret.html": (1, "forgets what is shown once"),
    "accounts/security/add_device.html": (1, "commands stand below it: the AWS CLI makes a secret of its own"),
    "accounts/security/add_passkey.html": (1, "is made by the browser; AWS has no call for passkeys"),
    "accounts/security/manage_password.html": (1, "forgets what is shown once"),
    "accounts/security/password_policy.html": (1, "tries a password and changes nothing"),
    "accounts/security/recovery_codes.html": (2, "can be done in the console only"),
    "accounts/security/resync_device.html": (1, "its command stands below it, without the codes"),
    "accounts/security/service_credential_secret.html": (1, "forgets what is shown once"),
    "accounts/security/sessions_table.html": (1, "signs out"),
    "accounts/signin/confirm.html": (1, "proves who it is"),
    "accounts/signin/factor.html": (1, "proves who it is"),
    "accounts/signin/kept.html": (2, "sends again what another form was, and forgets it"),
    "accounts/signin/passkey_form.html": (1, "proves who it is"),
    "accounts/signin/root.html": (1, "proves who it is"),
    "accounts/signin/set_password.html": (1, "is for somebody who is not signed in"),
    "accounts/signin/user.html": (1, "proves who it is"),
    "accounts/users/created.html": (1, "forgets what is shown once"),
    "accounts/users/created_passwords.html": (1, "forgets what is shown once"),
    "components/action.html": (0, ""),
    "components/search_command.html": (1, "keeps the reader's preferences, or signs out"),
    "components/messages.html": (1, "takes back what was done; the forms that do so tell theirs"),
    "components/draft_banner.html": (1, "discards a draft of the reader's own"),
    "components/listing/listing.html": (1, "leads to the review, which tells them"),
    "components/listing/preview.html": (1, "leads to the review, which tells them"),
    "components/listing/preferences.html": (1, "keeps the reader's preferences"),
    "components/listing/saved.html": (1, "keeps the reader's own filters, and shares them within the console"),
    "components/role_banner.html": (1, "goes back to oneself"),
    "components/role_end.html": (2, "goes back to oneself, or on as the role"),
    "components/session_end.html": (2, "keeps or ends the own session"),
    "components/told_as.html": (1, "keeps the reader's preferences"),
    "components/user_menu.html": (2, "keeps the reader's preferences; signs out"),
    "errors/again.html": (1, "sends again what another form was"),
    "errors/csrf.html": (1, "sends again what another form was"),
    "federation/role_sessions.html": (1, "its buttons stand in the rows of the list, with theirs"),
    "federation/switch_role.html": (1, "its buttons stand in the rows; the form below tells its command"),
    "pages/bulk_outcome.html": (2, "goes on with what the review has told, or takes it back"),
    "pages/design/acts.html": (1, "shows a component"),
}
FORM = re.compile(r'<form[^>]*method="post".*?</form>', re.DOTALL)


def test_every_form_tells_its_commands_or_has_a_reason():
    folder = Path(settings.BASE_DIR) / "templates"
    found = {}
    for path in sorted(folder.rglob("*.html")):
        forms = FORM.findall(path.read_text(encoding="utf-8"))
        silent = sum("{% commands" not in form and "{{ commands" not in form for form in forms)
        if silent:
            found[str(path.relative_to(folder))] = silent
    assert found == {name: number for name, (number, _why) in SILENT.items() if number}
    assert all(why for number, why in SILENT.values() if number)


# --- what is told is right ---------------------------------------------------------------------------------------------------

# Options of the AWS CLI itself, which stand for members of an answer (AWS CLI Command Reference, create-virtual-mfa-device).
OF_THE_CLI = {"CreateVirtualMFADevice": {"Outfile", "BootstrapMethod"}}


def commands_in(page):
    """The commands of an answer, each as the words that a shell makes of it."""
    found = re.search(r'data-copy="([^"]*(?:aws |curl )[^"]*)"', page.content.decode())
    text = joined(html.unescape(found[1])) if found else ""
    return [shlex.split(part, comments=True) for part in text.split("\n\n") if shlex.split(part, comments=True)]


def joined(text):
    """Lines that end with a backslash go on in the next one, which Python's shlex does not know."""
    return text.replace("\\\n", " ")


def checked(words):
    """The name of the operation that a command calls; fails where AWS's model does not know it or one of its parameters."""
    if words[0] == "curl":
        fields = dict(words[at + 1].split("=", 1) for at, word in enumerate(words) if word == "--data-urlencode")
        assert words[words.index("--aws-sigv4") + 1] == f"aws:amz:{settings.REGION}:iam"
        assert words[-1].endswith("/api/")
        called = route(fields, "iam")
        filled = {key: "A-long-Password-1" if value.startswith("$") else value for key, value in fields.items()}
        validate(called.service, called.action, parse.parameters(called.model, filled))
        return called.action
    assert words[0] == "aws"
    model = service_model(words[1])
    operation = {xform_name(name, "-"): name for name in model.operation_names}[words[2]]
    shape = model.operation_model(operation).input_shape
    names = {xform_name(member, "-"): member for member in shape.members}
    given, key = {}, ""
    for word in words[3:]:
        if (
            word.startswith("--") and " " not in word
        ):  # a text in PEM is none: so the AWS CLI's argparse tells them apart
            key = word[2:]
            given[key] = []
        else:
            given[key].append(word)
    params = {}
    for option, values in given.items():
        plain = option.removeprefix("no-")
        if "".join(part.title() for part in option.split("-")) in OF_THE_CLI.get(operation, ()):
            continue
        member = names[plain]
        params[member] = value_of(shape.members[member], values, is_on=option == plain)
    report = ParamValidator().validate(params, shape)
    assert not report.has_errors(), report.generate_report()
    return operation


def value_of(shape, values, *, is_on):
    if isinstance(shape, ListShape):
        return [structure_of(value) if isinstance(shape.member, StructureShape) else value for value in values]
    if shape.type_name == "boolean":
        assert values == []
        return is_on
    (value,) = values
    if value.startswith("$"):
        return "123456" if value.startswith("$CODE") else "A-long-Password-1"
    return int(value) if shape.type_name == "integer" else value


def structure_of(text):
    return json.loads(text) if text.startswith("{") else dict(part.split("=", 1) for part in text.split(","))


@pytest.fixture
def made(account, admin, nobody, system):
    found = populate(account, admin, nobody)
    create_login_profile(system, user_name="dora", password="Correct-horse-1")
    put_user_permissions_boundary(system, user_name="dora", permissions_boundary=found.values["arn"])
    put_role_permissions_boundary(system, role_name="deploy", permissions_boundary=found.values["arn"])
    from accounts.holders import KINDS

    give_roles(system, KINDS["group"].find(account.pk, "builders"), [f"arn:aws:iam::{account.pk}:role/deploy"])
    return found


@pytest.fixture
def signed_in(client, make_user):
    sign_in(client, make_user("sam", ADMINISTRATOR), mfa=True)
    return client


LATER = (now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
OTHER = READ.replace("s3:Get*", "s3:Put*")
ROLE_TRUST = TRUST % "arn:aws:iam::123456789012:root"
CODES = {"code1": "123456", "code2": "654321"}
# The form's address, what is sent, what its own button sends, and the operations that are told.
FORMS = {
    "add to group": ("/users/add-to-group/", {"select": "dora", "group": "admins"}, "go", ["AddUserToGroup"]),
    "tag many": ("/users/tag/", {"select": "dora", "key": "a b", "value": "c = d"}, "go", ["TagUser"]),
    "set boundary of many": (
        "/users/set-boundary/",
        {"select": "dora", "permissions_boundary": "arn:aws:iam::aws:policy/Everything"},
        "go",
        ["PutUserPermissionsBoundary"],
    ),
    "remove boundary of many": (
        "/users/remove-boundary/",
        {"select": "dora"},
        "go",
        ["DeleteUserPermissionsBoundary"],
    ),
    "set boundary of roles": (
        "/roles/set-boundary/",
        {"select": "deploy", "permissions_boundary": "arn:aws:iam::aws:policy/Everything"},
        "go",
        ["PutRolePermissionsBoundary"],
    ),
    "remove boundary of roles": (
        "/roles/remove-boundary/",
        {"select": "deploy"},
        "go",
        ["DeleteRolePermissionsBoundary"],
    ),
    "delete many": (
        "/users/delete/",
        {"select": "dora"},
        "go",
        ["RemoveUserFromGroup", "DetachUserPolicy", "DeleteUserPolicy", "DeleteUser"],
    ),
    "delete user": ("/users/dora/delete/", {}, "", ["DeleteUser", "DeleteLoginProfile", "DeactivateMFADevice"]),
    "delete group": ("/groups/builders/delete/", {}, "", ["DetachGroupPolicy", "DeleteGroup"]),
    "membership rule": (
        "/groups/builders/rule/",
        {"path_prefix": "/ops/", "tags": "team = blue", "seen": mark("/ops/\n\n\n")},
        "put",
        ["PutMembershipRule"],
    ),
    "remove membership rule": (
        "/groups/builders/rule/remove/",
        {"users": "leave", "seen": mark("/ops/\n\n\n")},
        "",
        ["DeleteMembershipRule"],
    ),
    "delete role": ("/roles/deploy/delete/", {}, "", ["DetachRolePolicy", "DeleteRole"]),
    "rename": ("/users/dora/rename/", {"new_user_name": "dorothy", "new_path": "/"}, "", ["UpdateUser"]),
    "tags": ("/users/dora/tags/", {"tags": "team = red", "seen": mark("team = blue")}, "", ["TagUser"]),
    "remove boundary": ("/users/dora/boundary/", {"seen": "ARN"}, "removed", ["DeleteUserPermissionsBoundary"]),
    "set boundary": (
        "/users/dora/boundary/",
        {"seen": "ARN", "permissions_boundary": "arn:aws:iam::aws:policy/Everything"},
        "changed",
        ["PutUserPermissionsBoundary"],
    ),
    "inline": (
        "/users/dora/inline/",
        {"policy_name": "more", "policy_document": OTHER, "seen": "x"},
        "",
        ["PutUserPolicy"],
    ),
    "detach": ("/users/dora/detach/", {"policy_arn": "ARN"}, "", ["DetachUserPolicy"]),
    "leave": ("/users/dora/groups/leave/", {"group_name": "builders"}, "", ["RemoveUserFromGroup"]),
    "role": (
        "/roles/create/",
        {
            "trusted": "service",
            "service": "ec2.amazonaws.com",
            "role_name": "web",
            "path": "/",
            "tags": "a = b",
            "max_session_duration": "custom",
            "max_session_duration-number": "90",
            "max_session_duration-unit": "60",
        },
        "create",
        ["CreateRole", "CreateInstanceProfile", "AddRoleToInstanceProfile"],
    ),
    "edit role": (
        "/roles/deploy/edit/",
        {"description": "x", "max_session_duration": "7200", "seen": mark("\n3600")},
        "",
        ["UpdateRole"],
    ),
    "trust": (
        "/roles/deploy/trust/",
        {"policy_document": TRUST % "*", "seen": mark(TRUST % f"arn:aws:iam::{ACCOUNT}:root")},
        "save",
        ["UpdateAssumeRolePolicy"],
    ),
    "revoke": ("/roles/deploy/sessions/", {}, "", ["PutRolePolicy"]),
    "group panel": (
        "/groups/create/?into=groups",
        {"new-group-group_name": "crew", "new-group-path": "/"},
        "create",
        ["CreateGroup"],
    ),
    "policy": (
        "/policies/create/",
        {"policy_name": "more", "policy_document": OTHER, "path": "/"},
        "create",
        ["CreatePolicy"],
    ),
    "remove policies": (
        "/users/dora/remove-policies/",
        {"managed": "POLICY", "inline": "own"},
        "go",
        ["DetachUserPolicy", "DeleteUserPolicy"],
    ),
    "attach to": ("POLICY/attach/", {"users": "sam"}, "attach", ["AttachUserPolicy"]),
    "detach from": (
        "POLICY/detach/",
        {"select": "everybody"},
        "go",
        ["DetachUserPolicy", "DetachRolePolicy"],
    ),
    "default": ("POLICY/set-default/", {"version_id": "v1", "seen": "v2"}, "", ["SetDefaultPolicyVersion"]),
    "test": (
        "POLICY/test/",
        {
            "test_name": "auditors read",
            "action_name": "s3:GetObject",
            "resource_arn": "*",
            "context": "aws:username = ann",
            "expected_decision": "allowed",
        },
        "",
        ["PutPolicyTest"],
    ),
    "comment": ("POLICY/comments/", {"text": "Why «this»?"}, "", ["PutPolicyComment"]),
    "delete comment": ("POLICY/delete-comment/", {"comment_id": "COMMENT"}, "", ["DeletePolicyComment"]),
    "propose": ("POLICY/edit/", {"policy_document": OTHER, "seen": mark("3 2")}, "propose", ["ProposePolicyVersion"]),
    "decline proposal": ("PROPOSAL/decline-proposal/", {"message": "Too «wide»"}, "", ["DeclinePolicyProposal"]),
    "withdraw proposal": ("PROPOSAL/withdraw-proposal/", {}, "", ["WithdrawPolicyProposal"]),
    "accept proposal": (
        "PROPOSAL/review-proposal/",
        {"policy_document": READ.replace("Get", "List"), "seen": mark("3 2")},
        "save",
        ["CreatePolicyVersion", "AcceptPolicyProposal"],
    ),
    "schedule": (
        "POLICY/schedule/",
        {"version_id": "v1", "activation_date": LATER},
        "",
        ["SchedulePolicyActivation"],
    ),
    "cancel activation": ("POLICY/cancel-activation/", {}, "", ["CancelPolicyActivation"]),
    "stop trial": ("POLICY/stop-trial/", {}, "", ["StopPolicyTrial"]),
    "start trial": ("POLICY/start-trial/", {"version_id": "v1"}, "", ["StartPolicyTrial"]),
    "email": ("/users/dora/security-credentials/email/", {"email": "d@example.com"}, "", ["UpdateUserEmail"]),
    "contain": ("/users/dora/security-credentials/contain/", {"reason": "lost «it»"}, "", ["ContainUser"]),
    "disable": ("/users/dora/disable/", {"reason": "left"}, "go", ["ContainUser", "DeleteLoginProfile"]),
    "disable many": (
        "/users/disable/",
        {"select": "dora", "reason": "left"},
        "go",
        ["ContainUser", "DeleteLoginProfile"],
    ),
    "contain oneself": ("/security-credentials/contain/", {"reason": "lost"}, "", ["ContainUser"]),
    "end sessions": ("/security-credentials/sessions/", {}, "session=all", ["EndConsoleSessions"]),
    "end others": ("/security-credentials/sessions/", {}, "session=others", ["EndConsoleSessions"]),
    "new password": (
        "/users/dora/security-credentials/password/",
        {},
        "action=replace",
        ["UpdateLoginProfile"],
    ),
    "demand": ("/users/dora/security-credentials/password/", {}, "action=demand", ["UpdateLoginProfile"]),
    "no password": ("/users/dora/security-credentials/password/", {}, "action=remove", ["DeleteLoginProfile"]),
    "link": ("/users/dora/security-credentials/password/", {}, "action=link", ["CreatePasswordLink"]),
    "generate": ("/users/bob/security-credentials/password/", {}, "action=generate", ["CreateLoginProfile"]),
    "invite": ("/users/bob/security-credentials/password/", {}, "action=invite", ["InviteUser"]),
    "remove device": ("DEVICE/remove/", {}, "", ["DeactivateMFADevice", "DeleteVirtualMFADevice"]),
    "reset": ("/users/dora/security-credentials/mfa/reset/", {"reason": "lost"}, "", ["ResetUserMFA"]),
    "status": ("KEY/status/", {}, "status=Inactive", ["UpdateAccessKey"]),
    "key": (
        "/users/bob/security-credentials/access-keys/create/",
        {"description": "laptop", "expires": "2030-01-01"},
        "",
        ["CreateAccessKey", "UpdateAccessKeyDetails"],
    ),
    "ssh key": (
        "/users/bob/security-credentials/ssh-public-keys/upload/",
        {"ssh_public_key_body": SSH_KEY},
        "",
        ["UploadSSHPublicKey"],
    ),
    "ssh key status": ("SSHKEY/status/", {}, "status=Inactive", ["UpdateSSHPublicKey"]),
    "delete ssh key": ("SSHKEY/delete/", {}, "", ["DeleteSSHPublicKey"]),
    "service credential": (
        "/users/bob/security-credentials/service-credentials/create/",
        {"service_name": "bedrock.amazonaws.com", "credential_age_days": "30"},
        "",
        ["CreateServiceSpecificCredential"],
    ),
    "service credential status": ("SERVICE/status/", {}, "status=Inactive", ["UpdateServiceSpecificCredential"]),
    "reset service credential": ("SERVICE/reset/", {}, "", ["ResetServiceSpecificCredential"]),
    "delete service credential": ("SERVICE/delete/", {}, "", ["DeleteServiceSpecificCredential"]),
    "certificate": (
        "/users/bob/security-credentials/signing-certificates/upload/",
        {"certificate_body": certificate("bob")},
        "",
        ["UploadSigningCertificate"],
    ),
    "certificate status": ("CERTIFICATE/status/", {}, "status=Inactive", ["UpdateSigningCertificate"]),
    "delete certificate": ("CERTIFICATE/delete/", {}, "", ["DeleteSigningCertificate"]),
    "sign-in": (
        "/account-settings/password-policy/sign-in/",
        {"require_mfa": "on", "session_idle_minutes": "30"},
        "",
        ["UpdateAccountSignInSettings"],
    ),
    "remove a role": ("/groups/builders/roles/remove/", {}, "ROLE", ["DeleteGroupPolicy"]),
    "restore": ("RESTORE/", {}, "go", ["DetachUserPolicy"]),
    "switch": ("/switch-role/", {"account": "123456789012", "role_name": "deploy"}, "", ["AssumeRole"]),
    "alias": ("/account-settings/", {"account_alias": "acme-corp"}, "changed", ["CreateAccountAlias"]),
}


def placed(text, made):
    """Names of what was made, in the place of the words that stand for them."""
    arn = made.values["arn"]
    dora = "/users/dora/security-credentials"
    known = {
        "ARN": arn,
        "KEY": f"{dora}/access-keys/{made.values['key']}",
        "SSHKEY": f"{dora}/ssh-public-keys/{made.values['ssh_key']}",
        "SERVICE": f"{dora}/service-credentials/{made.values['service']}",
        "CERTIFICATE": f"{dora}/signing-certificates/{made.values['certificate']}",
        "DEVICE": f"{dora}/mfa/{made.values['device']}",
        "RESTORE": f"/users/dora/history/restore/{made.values['user_event']}",
        "COMMENT": made.values["comment"],
        "POLICY": arn,
        "ROLE": "role_arn=arn:aws:iam::123456789012:role/deploy",
    }
    if text.startswith("POLICY/"):
        return reverse(f"policies:{text.split('/')[1]}", args=[arn])
    if text.startswith("PROPOSAL/"):
        return reverse(f"policies:{text.split('/')[1]}", args=[made.values["proposal_id"], arn])
    head, slash, rest = text.partition("/")
    return known[head] + slash + rest if head in known else text


@pytest.mark.parametrize("name", FORMS)
def test_commands_are_those_of_aws_or_of_our_own_api(name, made, signed_in, system):
    from accounts.operations.groups import create_group
    from accounts.operations.roles import update_assume_role_policy
    from policies.operations.managed_policies import create_policy

    create_group(system, group_name="admins")
    everything = create_policy(system, policy_name="Everything", policy_document=READ)["Policy"]["Arn"]
    if name == "switch":
        update_assume_role_policy(system, role_name="deploy", policy_document=ROLE_TRUST)
    if name == "schedule":
        cancel_policy_activation(system, policy_arn=made.values["arn"])
    if name == "start trial":
        stop_policy_trial(system, policy_arn=made.values["arn"])
    if name == "withdraw proposal":
        PolicyProposal.objects.update(author_id=User.objects.get(name="sam").unique_id)
    PolicyComment.objects.update(author_id=User.objects.get(name="sam").unique_id)
    address, sent, press, expected = FORMS[name]
    data = {
        key: [placed(each, made) for each in value] if isinstance(value, list) else placed(value, made)
        for key, value in sent.items()
    }
    if data.get("select") == "everybody":
        policy = ManagedPolicy.objects.get(arn=made.values["arn"])
        data["select"] = [str(row.pk) for row in entities_of(policy, made.values["account"])]
    elif "select" in data:
        data["select"] = str((Role if data["select"] == "deploy" else User).objects.get(name=data["select"]).pk)
    if data.get("seen") == made.values["arn"]:
        data["seen"] = mark(made.values["arn"])
    if data.get("seen") == "v2":
        data["seen"] = mark("v2")
    if "permissions_boundary" in data:
        data["permissions_boundary"] = everything
    before = (Event.objects.filter(read_only=False, error_code="").count(), ConsoleSession.objects.count())
    page = signed_in.post(placed(address, made), data | {"show-commands": placed(press, made)})
    found = [checked(words) for words in commands_in(page)]
    assert [each for each in expected if each not in found] == [], (
        found or page.content.decode().partition("<main")[2][:3000]
    )
    assert (Event.objects.filter(read_only=False, error_code="").count(), ConsoleSession.objects.count()) == before
    assert signed_in.get("/users/").status_code == 200


def test_no_command_has_a_password_in_it(made, signed_in):
    page = signed_in.post(
        "/users/dora/security-credentials/password/", {"show-commands": "action=replace"}
    ).content.decode()
    assert "--password &quot;$PASSWORD&quot;" in page


def test_enrolling_and_resynchronising_are_told_without_codes_or_secret(made, client, admin):
    user = User.objects.get(pk=admin.user_id)
    sign_in(client, user, mfa=True)
    page = client.get("/security-credentials/mfa/add/")
    text = page.content.decode()
    (told,) = [joined(html.unescape(found)) for found in re.findall(r'data-copy="(aws [^"]*)"', text)]
    assert [checked(shlex.split(each)) for each in told.split("\n\n")] == ["CreateVirtualMFADevice", "EnableMFADevice"]
    device = MfaDevice.objects.get(user=user)
    page = client.get(f"/security-credentials/mfa/{device.pk}/resync/").content.decode()
    (told,) = [joined(html.unescape(found)) for found in re.findall(r'data-copy="(aws [^"]*)"', page)]
    assert checked(shlex.split(told)) == "ResyncMFADevice"
    assert '--authentication-code1 "$CODE1"' in told


def test_rows_beyond_the_first_hundred_are_said_to_be_left_out(made, signed_in):
    from operations.ids import unique_id

    User.objects.bulk_create(
        User(account_id="123456789012", name=f"u{n:03}", name_key=f"u{n:03}", unique_id=unique_id("AIDA"))
        for n in range(120)
    )
    keys = [str(pk) for pk in User.objects.filter(name__startswith="u").values_list("pk", flat=True)]
    page = signed_in.post("/users/tag/", {"select": keys, "key": "a", "value": "b", "show-commands": "go"})
    assert len(commands_in(page)) == 100
    assert f"and the same for {len(keys) - 100} more rows" in page.content.decode()


def test_a_parameter_that_aws_does_not_know_would_be_noticed():
    with pytest.raises(KeyError):
        checked(shlex.split("aws iam create-user --user-nam alice"))
    with pytest.raises(KeyError):
        checked(shlex.split("aws iam make-user --user-name alice"))
    with pytest.raises(AssertionError):
        checked(shlex.split("aws iam create-user --path /"))
