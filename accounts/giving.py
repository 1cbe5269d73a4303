"""What new users will be able to do, told before they are created."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from accounts.consequences import Documents
from accounts.creation import Wish
from accounts.queries.new_documents import GroupDocuments, Named, NewDocuments
from engine import NamedPolicy, Policies, PolicySyntaxError, Principal, Request, evaluate
from operations.caller import Caller
from operations.gate import authorise_reads
from operations.ids import iam_arn
from pages.errors import Part, part
from policies.access_changes import AccessChanges, held_changes
from policies.documents import read_document
from policies.facts import gives_everything

# By each of these, on all resources, whoever has them makes itself, or what it can sign in as, administrator.
CONTROL: Final = (
    "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:AttachUserPolicy", "iam:AttachGroupPolicy", "iam:AttachRolePolicy",
    "iam:PutUserPolicy", "iam:PutGroupPolicy", "iam:PutRolePolicy", "iam:AddUserToGroup", "iam:UpdateAssumeRolePolicy",
    "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile",
)  # fmt: skip
TOLD_APART: Final = 8  # sets of groups that are put together


@dataclass(frozen=True)
class Given:
    """What a new user gets; `everything` are the names of the policies that give administrator access, where no boundary allows less.
    `control` are the actions of CONTROL on all resources by which it can give itself any access, where nothing does already and it has no
    boundary.
    """

    access: AccessChanges | None
    everything: Sequence[str]
    control: Sequence[str] = ()


def giving(
    caller: Caller, groups: Sequence[Sequence[str]], *, wish: Wish, held: NewDocuments
) -> Part[list[Given | None]]:
    """What each of some new users gets from its groups and from what all get; None where it is not told: of groups whose policies
    the caller may not read, and beyond the first few sets of groups. No query besides the record of what is read.
    """
    return part(_giving, caller, groups, wish, held)


def _giving(caller: Caller, groups: Sequence[Sequence[str]], wish: Wish, held: NewDocuments) -> list[Given | None]:
    texts = held.in_force
    authorise_reads(
        caller, [("iam:GetPolicyVersion", arn) for arn in (*wish.policies, *([wish.boundary] if wish.boundary else []))]
    )
    of_all = (*((_name(arn), texts[arn]) for arn in wish.policies if arn in texts), *wish.inline.items())
    limit = texts.get(wish.boundary, "")
    wanted = [tuple(sorted({name.lower() for name in names})) for names in groups]
    documents = _readable(caller, held.groups)
    told = {
        keys: _given((*of_all, *(named for key in keys for named in documents[key])), limit, caller.account_id)
        for keys in list(dict.fromkeys(wanted))[:TOLD_APART]
        if all(key in documents for key in keys)
    }
    return [told.get(keys) for keys in wanted]


def _readable(caller: Caller, groups: Mapping[str, GroupDocuments]) -> Mapping[str, Sequence[Named]]:
    """The policies of those groups whose policies the caller may read, by their names in lower case."""
    reads: dict[tuple[str, str], None] = {}
    found = {}
    for key, group in groups.items():
        needed = [
            ("iam:ListAttachedGroupPolicies", group.arn),
            *([("iam:GetGroupPolicy", group.arn)] if group.inline else []),
            *(("iam:GetPolicyVersion", policy) for policy in group.managed),
        ]
        if all(read in reads or caller.may(*read) for read in needed):
            reads.update(dict.fromkeys(needed))
            found[key] = [*((_name(policy), text) for policy, text in group.managed.items()), *group.inline]
    authorise_reads(caller, reads)
    return found


def _given(named: Sequence[Named], limit: str, account_id: str) -> Given:
    is_open = not limit or gives_everything(limit)
    everything = dict.fromkeys(name for name, text in named if is_open and gives_everything(text))
    documents = tuple(text for _name, text in named)
    control = () if limit or everything else _control(documents, account_id)
    return Given(held_changes((), documents, limit), list(everything), control)


def _control(documents: Documents, account_id: str) -> Sequence[str]:
    """The actions of CONTROL that documents allow on all resources, to a user with MFA."""
    held = []
    for text in documents:
        try:
            held.append(NamedPolicy("given", read_document(text), "user"))
        except PolicySyntaxError:  # a document that an older release accepted
            continue
    policies, user = Policies(identity=held), Principal.from_arn(iam_arn(account_id, "user/new"))
    context = {"aws:MultiFactorAuthPresent": "true", "aws:SecureTransport": "true"}
    return [action for action in CONTROL if evaluate(Request(user, action, "*", context), policies).allowed]


def _name(arn: str) -> str:
    """The name of a managed policy."""
    return arn.rpartition("/")[2]
