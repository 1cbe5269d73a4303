"""A trust policy in sentences: who may assume the role, how, and under which conditions.

The sentences say what the document says; whether one request is allowed is decided by the engine alone.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engine import Policy, PolicySyntaxError, Principals, Statement
from engine.open_trust import open_statements
from engine.wildcards import may_meet
from operations.caller import Caller
from policies.words import SentencesOf, StatementWords, register
from policies.words.conditions import When, when
from policies.words.lists import all_of
from policies.words.statements import LONGEST_DOCUMENT, bounded, sentence

# What the actions of a trust policy let somebody do (IAM User Guide, «Trust policies»).
HOW: Final[Mapping[str, Promise]] = {
    "sts:AssumeRole": gettext_lazy("assume the role"),
    "sts:AssumeRoleWithSAML": gettext_lazy("assume the role after signing in through SAML"),
    "sts:AssumeRoleWithWebIdentity": gettext_lazy("assume the role with a token of their identity provider"),
    "sts:SetSourceIdentity": gettext_lazy("set a source identity"),
    "sts:TagSession": gettext_lazy("pass session tags"),
}


@dataclass(frozen=True)
class TrustSentence:
    """One statement. `open` says that it lets in whoever comes, from any account: nothing in the policy says who (engine.open_trust)."""

    allows: bool
    who: str
    how: str
    when: When
    open: bool

    def __str__(self) -> str:
        words = _("%(who)s may %(how)s") if self.allows else _("%(who)s may not %(how)s")
        said = words % {"who": self.who, "how": self.how}
        if not self.when:
            return _("%(sentence)s.") % {"sentence": said}
        conditions = self.when.words(allows=self.allows)
        return _("%(sentence)s, %(conditions)s.") % {"sentence": said, "conditions": conditions}

    @property
    def note(self) -> str:
        """What is easily overlooked: that conditions leave open who comes."""
        if not (self.open and self.when):
            return ""
        return _("That does not say who: whoever meets it may come, from any account.")


def trust_sentences(document: str, account_id: str) -> list[TrustSentence]:
    """The sentences of a trust policy as it is shown (with ARNs); none for a text that is no policy."""
    try:
        policy = Policy.parse(document)
    except PolicySyntaxError:
        return []
    opening = open_statements(policy)
    return [sentence_for(statement, account_id, opening) for statement in policy.statements]


@register("trust")
def trust_words(caller: Caller, document: str) -> SentencesOf | None:
    """The same for the editor, each with its place in the text."""
    if len(document) > LONGEST_DOCUMENT:
        return None
    try:
        policy = Policy.parse(document)
    except PolicySyntaxError:
        return None

    opening = open_statements(policy)

    def say(statement: Statement) -> StatementWords:
        said = sentence_for(statement, caller.account_id, opening)
        return sentence(statement, str(said), note=said.note, is_open=said.open)

    return bounded(policy, say)


def sentence_for(statement: Statement, account_id: str, opening: Set[int]) -> TrustSentence:
    """The sentence of one statement; `opening` are those of its policy that let anybody in (engine.open_trust)."""
    return TrustSentence(
        allows=statement.effect == "Allow",
        who=_who(statement, account_id),
        how=_how(statement),
        when=when(statement.conditions),
        open=statement.index in opening,
    )


def _who(statement: Statement, account_id: str) -> str:
    if statement.not_principal is not None:
        return _("Everybody except %(who)s") % {"who": all_of(_names(statement.not_principal, account_id))}
    found = list(_names(statement.principal, account_id)) if statement.principal else []
    text = all_of(found) or _("Nobody")
    return text[:1].upper() + text[1:]


def _names(principals: Principals, account_id: str) -> Iterator[str]:
    yield from (_aws(name, account_id) for name in principals.aws)
    yield from (_("the service %(name)s") % {"name": name} for name in principals.service)
    yield from (_federated(name) for name in principals.federated)
    yield from (_("the canonical user %(id)s") % {"id": name} for name in principals.canonical_user)


def _aws(name: str, account_id: str) -> str:
    """An AWS principal: an account stands for those of its users and roles whose own policies allow it."""
    if name == "*":
        return _("anybody, of any account")
    parts = name.split(":", 5)
    account = parts[4] if len(parts) == 6 else name
    if account.isdecimal() and (len(parts) < 6 or parts[5] == "root"):
        if account == account_id:
            return _("any user or role of this account whose own policies allow it")
        return _("any user or role of account %(account)s whose policies there allow it") % {"account": account}
    if len(parts) < 6:
        return _("somebody who was deleted (%(id)s)") % {"id": name}
    kind, _slash, rest = parts[5].partition("/")
    words = {
        "user": _("the user %(name)s"),
        "role": _("the role %(name)s"),
        "assumed-role": _("the role session %(name)s"),
        "federated-user": _("the federated user %(name)s"),
    }
    said = words.get(kind, "%(name)s") % {
        "name": rest.rpartition("/")[2] if kind in {"user", "role"} else rest or parts[5]
    }
    return said if account == account_id else _("%(who)s of account %(account)s") % {"who": said, "account": account}


def _federated(name: str) -> str:
    return _("whoever signs in through %(provider)s") % {"provider": name.partition("-provider/")[2] or name}


def _how(statement: Statement) -> str:
    patterns = [pattern.lower() for pattern in statement.actions or ()]
    if statement.actions is None:
        return _("do all of AWS STS but %(actions)s") % {"actions": ", ".join(statement.not_actions or ())}
    found = [
        str(words) for action, words in HOW.items() if any(may_meet(pattern, action.lower()) for pattern in patterns)
    ]
    return all_of(found) or ", ".join(statement.actions)
