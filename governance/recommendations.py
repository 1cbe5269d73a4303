"""What should be done about the account's security, most dangerous first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.holders import KINDS
from accounts.models import User
from accounts.resolve import keys_of
from accounts.risks import HIGH, LOW, MEDIUM, OLD, OUTCOMES, WORDS
from governance.queries.privilege import Administrators
from governance.queries.standing import FailingTests, Numbers, People, Risky
from operations.caller import Caller
from operations.clock import now
from operations.ids import iam_arn
from pages.components.shell import grouped

MOST_POLICIES = 5  # that have a row of their own


@dataclass(frozen=True)
class Recommendation:
    """One thing to do: how dangerous it is to leave it, what is wrong, why that matters, and where to act (empty when not permitted)."""

    risk: int
    title: str
    text: str
    href: str = ""
    link: str = ""

    @property
    def kind(self) -> str:
        """The outcome whose colour and icon it bears."""
        return OUTCOMES[self.risk]

    @property
    def word(self) -> str:
        return str(WORDS[self.risk])


def recommendations(
    caller: Caller,
    me: User | None,
    numbers: Numbers | None,
    people: People | None,
    risky: Risky | None,
    *,
    holders: Administrators | None = None,
    tests: Sequence[FailingTests] = (),
    waiting: int = 0,
    proposed: int = 0,
) -> list[Recommendation]:
    """All that follows from what the caller may see, by risk; parts that are not permitted are None or empty."""
    found = [
        *(_about_me(caller, me) if me else ()),
        *(_about_account(caller, numbers, root_is_me=caller.is_root) if numbers else ()),
        *(_about_people(caller, people) if people else ()),
        *(_about_policies(caller, risky) if risky else ()),
        *(_about_administrators(caller, holders) if holders else ()),
        *_about_tests(caller, tests),
        *_about_requests(waiting),
        *_about_proposals(proposed),
    ]
    return sorted(found, key=lambda each: each.risk)


def _about_me(caller: Caller, me: User) -> Iterator[Recommendation]:
    if not me.mfa_device_count:
        title = _("The root user has no MFA") if me.is_root else _("You have no MFA device")
        if _may(caller, me, "iam:EnableMFADevice"):
            text = _("A stolen password is enough to sign in. Add an authenticator app or a passkey.")
            yield Recommendation(HIGH, title, text, f"{_mine()}#mfa", _("Add MFA"))
        else:
            text = _("A stolen password is enough to sign in. Ask an administrator to let you add a device.")
            yield Recommendation(HIGH, title, text)
    if me.oldest_active_key_at and me.oldest_active_key_at < now() - OLD and not me.is_root:
        text = _("Make a new key, move your programs to it, and deactivate the old one.")
        seen = _may(caller, me, "iam:ListAccessKeys")
        where = (f"{_mine()}#access-keys", _("Your access keys")) if seen else ("", "")
        yield Recommendation(MEDIUM, _("You have an access key older than 90 days"), text, *where)


def _mine() -> str:
    return reverse("accounts:security-credentials")


def _may(caller: Caller, me: User, action: str) -> bool:
    """Whether the reader may do something to the own credentials."""
    return caller.may(action, me.arn, keys_of(me, action))


def _about_account(caller: Caller, numbers: Numbers, *, root_is_me: bool) -> Iterator[Recommendation]:
    if not numbers.root_has_mfa and not root_is_me:
        text = _("The root user may do everything. Whoever has its password should sign in and add a device.")
        yield Recommendation(HIGH, _("The root user has no MFA"), text)
    if numbers.root_has_keys:
        where = (_mine(), _("The access keys")) if root_is_me else ("", "")
        text = _("Nothing limits what such a key may do. Delete it and use a role or a user in its place.")
        yield Recommendation(HIGH, _("The root user has access keys"), text, *where)
    if not numbers.has_password_policy:
        text = _("AWS's default is in force: passwords never expire.")
        where = _where(caller, "iam:GetAccountPasswordPolicy", "*", "accounts:password-policy", "", _("Set one"))
        yield Recommendation(MEDIUM, _("The account has no password policy of its own"), text, *where)
    if not numbers.has_alias:
        text = _("An alias makes the sign-in URL one that people can remember.")
        where = _where(caller, "iam:CreateAccountAlias", "*", "accounts:account", "", _("Set one"))
        yield Recommendation(LOW, _("The account has no alias"), text, *where)

    if n := numbers.open_roles:
        yield from _about_open_roles(caller, n)
    if caller.may("iam:ListServerCertificates", iam_arn(caller.account_id, "server-certificate/")):
        yield from _about_certificates(numbers)


def _about_open_roles(caller: Caller, n: int) -> Iterator[Recommendation]:
    """Roles whose trust policies do not say who, for whoever may list roles: the list shows whom they trust."""
    where = _where(caller, "iam:ListRoles", "role/", "accounts:roles", "f=open:eq:yes", _("Show"))
    if any(where):
        title = ngettext("%(n)s role can be assumed by anybody", "%(n)s roles can be assumed by anybody", n)
        text = _(
            "Nothing in the trust policy says who: every account may let its users in. Name accounts, users or roles."
        )
        yield Recommendation(HIGH, title % {"n": grouped(n)}, text, *where)


def _about_certificates(numbers: Numbers) -> Iterator[Recommendation]:
    """Server certificates have no page here: they are uploaded and deleted by the API."""
    text = _(
        "Upload a new one by UploadServerCertificate of the API, and give it to the service that uses the old one."
    )
    if n := numbers.expired_certificates:
        title = ngettext("%(n)d server certificate has expired", "%(n)d server certificates have expired", n)
        yield Recommendation(HIGH, title % {"n": n}, text)
    if n := numbers.expiring_certificates:
        title = ngettext(
            "%(n)d server certificate expires within 30 days", "%(n)d server certificates expire within 30 days", n
        )
        yield Recommendation(MEDIUM, title % {"n": n}, text)


def _about_administrators(caller: Caller, holders: Administrators) -> Iterator[Recommendation]:
    """Whoever has administrator access and does not use it."""
    if not (n := holders.unused_total):
        return
    title = ngettext(
        "%(n)s administrator has done nothing for 90 days", "%(n)s administrators have done nothing for 90 days", n
    ) % {"n": grouped(n)}
    names = ", ".join(name for _kind, name in holders.unused)
    if (more := n - len(holders.unused)) > 0:
        text = ngettext(
            "%(names)s and %(n)s more may do everything and need not: take the access away, or let them ask for it.",
            "%(names)s and %(n)s more may do everything and need not: take the access away, or let them ask for it.",
            more,
        ) % {"names": names, "n": grouped(more)}
    else:
        text = _("%(names)s may do everything and need not: take the access away, or let them ask for it.") % {
            "names": names
        }
    where = ("", "")
    if len(holders.unused) == 1:
        kind, name = holders.unused[0]
        where = KINDS[kind].policies_address(name), _("See the policies")
    elif holders.unused_users:
        where = _where(
            caller,
            "iam:ListUsers",
            "user/",
            "accounts:users",
            "f=activity:gt:90&f=activity:eq:never&join=or",
            _("Unused users"),
        )
    else:
        where = _where(caller, "iam:ListRoles", "role/", "accounts:roles", "", _("Roles"))
    yield Recommendation(HIGH, title, text, *where)


def _about_tests(caller: Caller, tests: Sequence[FailingTests]) -> Iterator[Recommendation]:
    """Policies whose document in force fails its own tests."""
    text = _("The policy in force decides otherwise than it must. Change the policy, or the test.")
    for each in tests[:MOST_POLICIES]:
        title = ngettext(
            "%(n)d test of the policy %(name)s fails", "%(n)d tests of the policy %(name)s fail", each.number
        ) % {"n": each.number, "name": each.name}
        where = (reverse("policies:tests", args=[each.arn]), _("See the tests"))
        yield Recommendation(
            MEDIUM, title, text, *(where if caller.may("iam:GetPolicyVersion", each.arn) else ("", ""))
        )
    if (n := len(tests) - MOST_POLICIES) > 0:
        title = ngettext("%(n)d more policy fails tests", "%(n)d more policies fail tests", n) % {"n": n}
        where = _where(caller, "iam:ListPolicies", "policy/", "policies:policies", "f=type:eq:customer", _("Policies"))
        yield Recommendation(MEDIUM, title, text, *where)


def _about_requests(waiting: int) -> Iterator[Recommendation]:
    """Requests that wait, for whoever may list them."""
    if waiting:
        title = ngettext(
            "%(n)s request for access waits for an answer", "%(n)s requests for access wait for an answer", waiting
        ) % {"n": grouped(waiting)}
        text = _("Somebody was denied what they need for their work, and asks for just that.")
        address = f"{reverse('governance:requests')}?f=status:eq:open"
        yield Recommendation(MEDIUM, title, text, address, _("To the requests"))


def _about_proposals(proposed: int) -> Iterator[Recommendation]:
    """Policies whose proposals wait, for whoever may review them."""
    if proposed:
        title = ngettext(
            "A change of %(n)s policy waits for review", "Changes of %(n)s policies wait for review", proposed
        ) % {"n": grouped(proposed)}
        text = _("Somebody proposes a new version. It is in force only when somebody else has saved it.")
        address = f"{reverse('policies:policies')}?f=proposals:gt:0"
        yield Recommendation(MEDIUM, title, text, address, _("To the policies"))


def _about_people(caller: Caller, people: People) -> Iterator[Recommendation]:
    def users(query: str) -> tuple[str, str]:
        return _where(caller, "iam:ListUsers", "user/", "accounts:users", query, _("Show"))

    if n := people.without_mfa:
        title = ngettext("%(n)d user signs in without MFA", "%(n)d users sign in without MFA", n) % {"n": n}
        text = _("They have a password and no second factor.")
        yield Recommendation(HIGH, title, text, *users("f=console:eq:yes&f=mfa:eq:none"))
    if n := people.old_keys:
        title = ngettext(
            "%(n)d user has an active access key older than 90 days",
            "%(n)d users have active access keys older than 90 days",
            n,
        )
        text = _("The longer a key lives, the more places know it. Rotate or deactivate them.")
        yield Recommendation(MEDIUM, title % {"n": n}, text, *users("f=key-age:gt:90"))
    if n := people.unused_keys:
        title = ngettext(
            "%(n)d user has an active access key that was not used once in 45 days",
            "%(n)d users have active access keys that were not used once in 45 days",
            n,
        )
        text = _("What a program never needed can be deactivated without anybody missing it.")
        yield Recommendation(MEDIUM, title % {"n": n}, text, *users("f=risk:eq:unused-keys"))
    if n := people.inactive:
        title = ngettext("%(n)d user has done nothing for 90 days", "%(n)d users have done nothing for 90 days", n) % {
            "n": n
        }
        text = _("Access that nobody uses is only of use to others.")
        yield Recommendation(MEDIUM, title, text, *users("f=activity:gt:90"))
    if n := people.never_active:
        title = ngettext(
            "%(n)d user older than 90 days was never active", "%(n)d users older than 90 days were never active", n
        )
        text = _("Perhaps they are not needed at all.")
        yield Recommendation(LOW, title % {"n": n}, text, *users("f=activity:eq:never&f=created:gt:90"))


def _about_policies(caller: Caller, risky: Risky) -> Iterator[Recommendation]:
    for policy in risky.everything[:MOST_POLICIES]:
        where = ("", "")
        if caller.may("iam:GetPolicy", policy.arn):
            where = (reverse("policies:policy", args=[policy.arn]), _("See the policy"))
        title = _("The policy %(name)s allows everything on everything") % {"name": policy.name}
        yield Recommendation(HIGH, title, _("Allow what is needed, or use AdministratorAccess, which says so."), *where)
    if (n := len(risky.everything) - MOST_POLICIES) > 0:
        title = ngettext("%(n)d more policy allows everything", "%(n)d more policies allow everything", n)
        where = _where(caller, "iam:ListPolicies", "policy/", "policies:policies", "f=type:eq:customer", _("Policies"))
        yield Recommendation(HIGH, title % {"n": n}, _("They allow every action on every resource."), *where)
    if n := risky.unused:
        title = ngettext(
            "%(n)d customer managed policy is attached to nothing",
            "%(n)d customer managed policies are attached to nothing",
            n,
        )
        where = _where(
            caller,
            "iam:ListPolicies",
            "policy/",
            "policies:policies",
            "f=type:eq:customer&f=used:eq:none",
            _("Show"),
        )
        yield Recommendation(
            LOW, title % {"n": n}, _("Delete what nobody needs, so that it cannot be attached by mistake."), *where
        )


def _where(caller: Caller, action: str, resource: str, page: str, query: str, label: str) -> tuple[str, str]:
    """The address and name of the page where to act, empty for who may not enter it."""
    arn = resource if resource == "*" else iam_arn(caller.account_id, resource)
    if not caller.may(action, arn):
        return "", ""
    return reverse(page) + (f"?{query}" if query else ""), label
