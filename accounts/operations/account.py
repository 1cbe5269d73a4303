"""The account itself: creating it with its root user, an operation of our own since AWS does it outside IAM, and its preferences."""

import secrets
from typing import Any

from accounts import passwords, resolve
from accounts.models import AccessKey, Account, LoginProfile, PasswordHistory, User
from accounts.operations.access_keys import SECRET_ALPHABET, SECRET_LENGTH, count_keys
from accounts.operations.aliases import set_alias
from accounts.operations.password_setting import refuse_weak_password
from operations.caller import command_caller
from operations.clock import now
from operations.errors import AccessDenied, EntityAlreadyExists
from operations.gate import Call, Result, Target, operation
from operations.ids import access_key_id, iam_arn

ROOT_NAME = "<root_account>"  # as credential reports call the root user; no IAM user can bear this name


def account_to_be(call: Call) -> Target:
    """The account itself. Only its own (future) root, which the operator at the machine acts as, may bring it into being."""
    account_id = call.params["account_id"]
    target = Target(iam_arn(account_id, "root"), None, {}, "AWS::IAM::Account")
    if account_id != call.account_id:
        action = call.operation.action
        raise AccessDenied(
            f"User: {call.caller.arn} is not authorized to perform: {action} on resource: {target.arn} "
            f"because no resource-based policy allows the {action} action"
        )
    return target


@operation("iam:CreateAccount", on=account_to_be)
def new_account(
    call: Call,
    *,
    account_id: str,
    account_name: str = "",
    account_alias: str | None = None,
    root_email: str = "",
    root_password: str | None = None,
    with_access_key: bool = False,
) -> Result:
    """Create an account and its root user, who without a password cannot sign in yet; the root user's key if one is wanted.

    Raises EntityAlreadyExists, InvalidInput (alias), PasswordPolicyViolation.
    """
    if Account.objects.filter(pk=account_id).exists():
        raise EntityAlreadyExists(f"Account {account_id} already exists.")
    account = Account.objects.create(id=account_id, name=account_name, created_at=now())
    root = User.everyone.create(
        account=account,
        is_root=True,
        name=ROOT_NAME,
        name_key=ROOT_NAME,
        unique_id=account_id,
        email=root_email,
        created_at=account.created_at,
    )
    if account_alias:
        set_alias(call, account_alias)
        account.refresh_from_db(fields=["alias"])
    if root_password:
        set_root_password(root, root_password)
    made = {"Account": describe_account(account, root)} | (
        {"AccessKey": make_root_key(root)} if with_access_key else {}
    )
    call.changed(after=made["Account"])
    return made


@operation("iam:SetSecurityTokenServicePreferences", on=resolve.whole_account)
def set_security_token_service_preferences(call: Call, *, global_endpoint_token_version: str) -> Result:
    """Choose which session tokens the global STS endpoint issues: v1Token or v2Token (IAM API Reference)."""
    account = Account.objects.get(pk=call.account_id)
    before = account.global_endpoint_token_version
    account.global_endpoint_token_version = global_endpoint_token_version
    account.save(update_fields=["global_endpoint_token_version"])
    call.changed(
        before={"globalEndpointTokenVersion": before},
        after={"globalEndpointTokenVersion": global_endpoint_token_version},
    )
    return {}


def create_account(account_id: str, **parameters: Any) -> Account:
    """Create an account as the operator at the machine; the parameters are those of `new_account`."""
    new_account(command_caller(account_id), account_id=account_id, **parameters)
    return Account.objects.get(pk=account_id)


def set_root_password(root: User, password: str) -> None:
    """The root user's first password. Raises PasswordPolicyViolation."""
    refuse_weak_password(root, password)
    digest, moment = passwords.hashed(password), root.created_at
    LoginProfile.objects.create(user=root, password_hash=digest, created_at=moment, changed_at=moment)
    PasswordHistory.objects.create(user=root, password_hash=digest, created_at=moment)
    User.everyone.filter(pk=root.pk).update(console_access=True, password_changed_at=moment)


def make_root_key(root: User) -> dict[str, str]:
    """An access key of the root user, with the secret."""
    secret = "".join(secrets.choice(SECRET_ALPHABET) for _ in range(SECRET_LENGTH))
    moment = root.created_at
    key = AccessKey.objects.create(
        user=root, key_id=access_key_id(), secret=secret, created_at=moment, status_changed_at=moment
    )
    count_keys(root)
    return {"AccessKeyId": key.key_id, "SecretAccessKey": secret}


def describe_account(account: Account, root: User) -> dict[str, Any]:
    """An account as its creation answers and as the record keeps it."""
    return {
        "AccountId": account.pk,
        "AccountName": account.name,
        "AccountAlias": account.alias,
        "RootArn": root.arn,
        "RootEmail": root.email,
    }
