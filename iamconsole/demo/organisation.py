"""Making the sample organisation: each step is an operation of somebody, at some moment of the last seven weeks."""

import json
import random
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from access.callers import Connection, user_caller
from accounts import mfa, signin
from accounts.models import User
from iamconsole.demo.people import GROUPS, PEOPLE
from iamconsole.demo.policies import BOT_POLICIES, BOUNDARIES, POLICIES, ROLES
from operations import clock
from operations.caller import Caller, command_caller
from operations.errors import ServiceError
from operations.gate import REGISTRY
from operations.ids import iam_arn

WEEKS = 7
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0",
    "aws-cli/2.31.0 Python/3.13",
    "Boto3/1.44.5 Python/3.11",
    "Terraform/1.13",
)


class SampleOrganisation:
    """Fills one account. The same account gives the same organisation: the dice are seeded."""

    def __init__(self, account_id: str, tell: Callable[[str], Any]) -> None:
        self.account_id = account_id
        self.tell = tell
        self.dice = random.Random(20)
        self.start = clock.now() - timedelta(weeks=WEEKS)
        self.system = command_caller(account_id)

    def make(self) -> None:
        """Policies, groups, people, roles, and then the weeks in which they worked."""
        steps = {
            "policies": self.make_policies,
            "groups and people": self.make_people,
            "roles": self.make_roles,
            "seven weeks of history": self.live,
        }
        for name, make in steps.items():
            self.tell(name)
            make()

    def call(self, name: str, caller: Caller | None = None, **params: Any) -> Any:
        return REGISTRY[f"iam:{name}"](caller or self.system, **params)

    def arn(self, policy: str) -> str:
        """The ARN of a policy of ours, or of AWS's by that name."""
        if policy in POLICIES:
            path = "boundaries/" if policy in BOUNDARIES else ""
            return iam_arn(self.account_id, f"policy/{path}{policy}")
        path = "job-function/" if policy == "ViewOnlyAccess" else ""
        return iam_arn("aws", f"policy/{path}{policy}")

    def make_policies(self) -> None:
        for day, (name, (description, statements)) in enumerate(POLICIES.items()):
            document = json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2).replace(
                "{account}", self.account_id
            )
            with clock.at(self.start + timedelta(hours=day)):
                path = "/boundaries/" if name in BOUNDARIES else "/"
                self.call(
                    "CreatePolicy", policy_name=name, policy_document=document, description=description, path=path
                )

    def make_people(self) -> None:
        with clock.at(self.start + timedelta(days=2)):
            for group, attached in GROUPS.items():
                self.call("CreateGroup", group_name=group)
                for policy in attached:
                    self.call("AttachGroupPolicy", group_name=group, policy_arn=self.arn(policy))
        for number, (name, team, groups, console) in enumerate(PEOPLE):
            with clock.at(self.start + timedelta(days=2, minutes=7 * number)):
                self.make_person(name, team, groups, console)

    def make_person(self, name: str, team: str, groups: tuple[str, ...], console: bool) -> None:
        tags = [{"Key": "team", "Value": team}]
        if "administrators" in groups:
            tags.append({"Key": "tier", "Value": "privileged"})
        boundary: dict[str, Any] = (
            {"permissions_boundary": self.arn("ContractorBoundary")} if team == "contractors" else {}
        )
        self.call("CreateUser", user_name=name, path="/people/" if "." in name else "/services/", tags=tags, **boundary)
        for group in groups:
            self.call("AddUserToGroup", group_name=group, user_name=name)
        if console:
            self.give_console(name)
        if name in BOT_POLICIES:
            self.call("AttachUserPolicy", user_name=name, policy_arn=self.arn(BOT_POLICIES[name]))
            self.call("CreateAccessKey", user_name=name)

    def give_console(self, name: str) -> None:
        """A password that nobody knows, and for most people an authenticator app."""
        self.call("CreateLoginProfile", user_name=name, password=secrets.token_urlsafe(24) + "aZ3!")
        if self.dice.random() < 0.75:
            made = self.call("CreateVirtualMFADevice", virtual_mfa_device_name=name)["VirtualMFADevice"]
            seed, step = made["Base32StringSeed"].decode(), mfa.step_at(clock.now())
            codes: dict[str, Any] = {
                f"authentication_code{number}": mfa.code_at(seed, step - 2 + number) for number in (1, 2)
            }
            self.call("EnableMFADevice", user_name=name, serial_number=made["SerialNumber"], **codes)

    def make_roles(self) -> None:
        boundary: dict[str, Any] = {"permissions_boundary": self.arn("WorkloadBoundary")}
        for number, (name, (service, description, attached)) in enumerate(ROLES.items()):
            path, _, short = f"/{name}".rpartition("/")
            with clock.at(self.start + timedelta(days=4, minutes=30 * number)):
                self.call(
                    "CreateRole",
                    role_name=short,
                    path=f"{path}/",
                    description=description,
                    assume_role_policy_document=self.trust(service),
                    **(boundary if service else {}),
                )
                for policy in attached:
                    self.call("AttachRolePolicy", role_name=short, policy_arn=self.arn(policy))

    def trust(self, service: str | None) -> str:
        statement: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole"}
        if service:
            statement["Principal"] = {"Service": service}
        else:
            statement["Principal"] = {"AWS": iam_arn(self.account_id, "root")}
            statement["Condition"] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)

    def live(self) -> None:
        """What people did: mostly reads, some changes, and now and then something that was not theirs to do."""
        names = [name for name, _, groups, console in PEOPLE if groups and console]
        users = {
            user.name: user
            for user in User.objects.filter(account_id=self.account_id).prefetch_related("tags", "mfa_devices")
        }
        for moment in self.moments():
            with clock.at(moment):
                name = self.dice.choice(names)
                caller = self.caller(users[name], moment)
                if caller.user_agent.startswith("Mozilla"):
                    self.sign_in(users[name], caller)
                self.act(name, caller)

    def sign_in(self, user: User, caller: Caller) -> None:
        """What the record and the user's last activity keep of a sign-in."""
        device = user.mfa_devices.first()
        signin.signed_in(user, caller, device, by="Virtual MFA" if device else "", target="/")

    def moments(self) -> Iterator[datetime]:
        """A dozen moments on a working day, fewer at weekends, in order."""
        for day in range(6, WEEKS * 7):
            date = self.start + timedelta(days=day)
            count = 12 if date.weekday() < 5 else 2
            minutes = sorted(self.dice.randrange(11 * 60) for _ in range(count))
            yield from (date.replace(hour=7, minute=0) + timedelta(minutes=minute) for minute in minutes)

    def caller(self, user: User, moment: datetime) -> Caller:
        address = (
            f"203.0.113.{self.dice.randrange(1, 250)}"
            if self.dice.random() < 0.8
            else f"198.51.100.{self.dice.randrange(1, 250)}"
        )
        place = Connection(source_ip=address, user_agent=self.dice.choice(AGENTS), secure=True)
        factor = "true" if self.dice.random() < 0.6 else "false"
        return user_caller(
            user,
            place,
            moment,
            {"aws:MultiFactorAuthPresent": factor, "aws:TokenIssueTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ")},
        )

    def act(self, name: str, caller: Caller) -> None:
        colleague = self.dice.choice(PEOPLE)[0]
        acts: list[tuple[float, Callable[[], Any]]] = [
            (0.35, lambda: self.call("GetUser", caller, user_name=name)),
            (0.15, lambda: self.call("ListUsers", caller)),
            (0.15, lambda: self.call("GetUser", caller, user_name=colleague)),
            (
                0.10,
                lambda: self.call(
                    "TagUser", caller, user_name=colleague, tags=[{"Key": "seen-by", "Value": name.partition(".")[0]}]
                ),
            ),
            (0.10, lambda: self.call("ListAttachedUserPolicies", caller, user_name=colleague)),
            (0.05, lambda: self.call("DeleteUser", caller, user_name=colleague)),
            (0.10, lambda: self.call("AddUserToGroup", caller, group_name="on-call", user_name=name)),
        ]
        _, act = self.dice.choices(acts, weights=[weight for weight, _ in acts])[0]
        try:
            act()
        except ServiceError:
            return  # refused, as it should be: the refusal is in the record
