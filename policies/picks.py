"""Managed policies as forms let choose them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from engine import action_sets, catalog
from operations.caller import Caller
from operations.gate import authorise_read
from operations.ids import iam_arn
from pages.components.shell import grouped
from pages.engine_texts import translated
from pages.listing.needs import sees
from pages.picking import Already, Contents, Creation, Kind, Pick, register, register_already
from policies.entities import attached_among
from policies.listings import SEE_DOCUMENT
from policies.lookup import TYPE, attachable
from policies.models import AWS, ManagedPolicy
from policies.needed import needed
from policies.queries import policy_row
from policies.reading import tag_keys
from policies.summing import beside_nothing

MOST_SERVICES = 12  # that unfold below a row
EXAMPLE = _("For example: read bucket logs, or sqs:SendMessage")
ATTACHED = "attached"  # the key of what a picker says of those who have a policy


def policies_to_pick(caller: Caller) -> "QuerySet[ManagedPolicy]":
    """The managed policies that can be attached in the Caller's account; reading them is authorised.

    Those of service-linked roles can be attached to nothing else (IAM User Guide, «Service-linked roles»).
    """
    authorise_read(caller, "iam:ListPolicies", iam_arn(caller.account_id, "policy/"))
    return attachable(ManagedPolicy.objects.filter(account_id__in=(AWS, caller.account_id)))


def sees_documents(caller: Caller) -> bool:
    """Whether somebody may know what policies allow: whoever may not read documents is told nothing that follows from them."""
    return sees(caller, SEE_DOCUMENT)


def how_much(row: Any) -> str:
    """How much a policy allows, by which those that allow an action are ranked."""
    number = row.allowed_action_count
    return ngettext("Allows %(n)s action", "Allows %(n)s actions", number) % {"n": grouped(number)}


def allowed_services(row: Any) -> Contents:
    """What a policy allows, by service and access level."""
    found = list(action_sets.by_service(action_sets.unpacked(bytes(row.allowed_actions))))
    lines = sorted(
        (catalog.service(prefix).name, str(translated(action_sets.access(prefix, own))))
        for prefix, own in found[:MOST_SERVICES]
    )
    left = len(found) - len(lines)
    more = ngettext("and %(n)s more service", "and %(n)s more services", left) % {"n": grouped(left)} if left else ""
    return Contents(lines, more, _("It allows nothing by itself."))


def badge(row: Any) -> Any:
    return _("AWS managed") if row.account_id == AWS else _("Customer managed")


def attached_already(caller: Caller, policy: ManagedPolicy) -> Already | None:
    """Which groups, roles and users have a policy attached, for who may know it; reading it is authorised."""
    action = "iam:ListEntitiesForPolicy"
    if not caller.may(action, policy.arn, tag_keys(policy)):
        return None
    authorise_read(caller, action, policy.arn, tag_keys(policy), type=TYPE)

    def among(pick: str, names: Sequence[str]) -> set[str]:
        found = attached_among(policy, caller.account_id, names)
        return {name for name in names if (pick.removesuffix("s"), name.lower()) in found}

    return Already(f"{ATTACHED} {policy.arn}", _("Attached already"), among)


def _attached_by_arn(caller: Caller, arn: str) -> Already | None:
    row = policy_row(caller.account_id, arn)
    return attached_already(caller, row) if row else None


register_already(ATTACHED, _attached_by_arn)
register(
    Pick(
        key="policies",
        rows=policies_to_pick,
        value="arn",
        label="name",
        order="name_key",
        search=("name_key__inside", "description__icontains", "arn__iexact"),
        noun=lambda n: ngettext("policy", "policies", n),
        placeholder=_("What is needed, a name or an action"),
        owner="account_id",  # twelve digits come before the word that AWS's have there
        is_told=sees_documents,
        finds=lambda caller, text: needed(caller.account_id, text),
        example=EXAMPLE,
        contents=allowed_services,
        beside=beside_nothing,
        rank="allowed_action_count",
        ranking=_("From least to most privilege"),
        ranked=how_much,
        look=lambda row: reverse("policies:look", args=[row.arn]),
        note=lambda row: row.description,
        badge=badge,
        href=lambda row: reverse("policies:policy", args=[row.arn]),
        kinds=(
            Kind("customer", _("Customer managed"), ~Q(account_id=AWS)),
            Kind("aws", _("AWS managed"), Q(account_id=AWS) & ~Q(path="/job-function/")),
            Kind("job-function", _("AWS managed - job function"), Q(account_id=AWS, path="/job-function/")),
        ),
        create=Creation(_("Create policy"), "policies:create", "iam:CreatePolicy", "policy/"),
    )
)
