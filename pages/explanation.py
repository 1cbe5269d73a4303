"""A decision in words: what the engine's trace says, as the simulator, the trail and a refused page show it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engine.wildcards import has_wildcard
from pages import engine_texts
from pages.errors import verdict_word
from pages.refusing import LAYERS, Text

ACCOUNT = 4  # the place of the account's number in an ARN
NAMED = 3  # resources that a sentence names
OUTCOMES = {"allows": "allowed", "denies": "explicitDeny", "silent": "implicitDeny", "notApplicable": "neutral"}
KINDS: Mapping[str, Text] = {
    "user": gettext_lazy("inline policy of the user"),
    "group": gettext_lazy("inline policy of a group"),
    "role": gettext_lazy("inline policy of the role"),
    "aws-managed": gettext_lazy("AWS managed policy"),
    "user-managed": gettext_lazy("customer managed policy"),
    "resource": gettext_lazy("resource policy"),
    "boundary": gettext_lazy("permissions boundary"),
    "session": gettext_lazy("session policy"),
    "scp": gettext_lazy("service control policy"),
    "rcp": gettext_lazy("resource control policy"),
    "vpce": gettext_lazy("VPC endpoint policy"),
    "identity": gettext_lazy("identity policy"),
}


@dataclass(frozen=True)
class Element:
    """An element of a statement, what is written there, and whether it matched."""

    name: str
    values: list[str]
    matched: bool
    resolved: list[str] = field(default_factory=list)  # the same with the values of its variables, where it has any


@dataclass(frozen=True)
class ShownCondition:
    """A condition with what it wanted, what the request gave (None: the key was absent), and its verdict."""

    key: str
    operator: str
    wanted: list[str]
    given: list[str] | None
    matched: bool


@dataclass(frozen=True)
class ShownStatement:
    """A statement of a policy as it bore on the request."""

    policy: str
    policy_arn: str
    kind: Text
    stage: str
    label: str
    effect: str
    matched: bool
    failed: list[str]
    elements: list[Element]
    conditions: list[ShownCondition]
    is_hidden: bool = False  # the reader may not see what is written in the policy

    @property
    def outcome(self) -> str:
        if not self.matched:
            return "neutral"
        return "allowed" if self.effect == "Allow" else "explicitDeny"

    @property
    def only_on(self) -> list[str]:
        """The resources on which alone it allows, as far as they can be told: of a statement whose Resource did not match."""
        wanted = [
            each.resolved or each.values for each in self.elements if each.name == "Resource" and not each.matched
        ]
        return [text for texts in wanted for text in texts]

    @property
    def is_near(self) -> bool:
        """Whether it would have allowed, had one element been otherwise."""
        return (
            self.effect == "Allow"
            and not self.matched
            and not self.is_hidden
            and "Action" not in self.failed
            and "NotAction" not in self.failed
        )


@dataclass(frozen=True)
class Explanation:
    """A whole decision: the answer first, then the way to it, the statements that decided, and what would change it."""

    outcome: str
    sentence: str
    principal: str
    action: str
    resource: str
    stages: list[dict[str, Any]]
    statements: list[ShownStatement]
    context: list[tuple[str, str]]
    word: Text = ""
    missing_context: list[str] = field(default_factory=list)

    @property
    def deciding(self) -> list[ShownStatement]:
        """The statements that decided: those that deny, or else those that allow."""
        effect = "Deny" if self.outcome == "explicitDeny" else "Allow"
        return [each for each in self.statements if each.matched and each.effect == effect]

    @property
    def near(self) -> list[ShownStatement]:
        """Allow statements for this action that did not match, fewest failures first."""
        return sorted((each for each in self.statements if each.is_near), key=lambda each: len(each.failed))[:5]

    @property
    def instead(self) -> list[str]:
        """Resources that statements which came near are about, where the one that was asked about is `*` itself: five at most."""
        if self.outcome != "implicitDeny" or self.resource != "*":
            return []
        account = self.principal.split(":")[ACCOUNT] if self.principal.count(":") > ACCOUNT else ""
        found = dict.fromkeys(_of_account(text, account) for each in self.near for text in each.only_on)
        return [text for text in found if not has_wildcard(text) and "${" not in text][:5]

    @property
    def remedies(self) -> list[str]:
        """What would turn the denial into an allow, in the order in which it would have to be done."""
        if self.outcome == "allowed":
            return []
        return list(_remedies(self))


def explain(trace: Mapping[str, Any], hidden: Collection[tuple[str, str]] = ()) -> Explanation:
    """The explanation of an engine trace (`Trace.as_dict()`), fresh or from the record.

    `hidden` are names and ARNs (or empty texts) of policies of which the reader may know that they decided, and no more.
    """
    request, decision = trace["request"], trace["decision"]
    principal = request["principal"]
    statements = [shown for stage in trace["stages"] for shown in _statements(stage, principal, hidden)]
    because = _because(decision, [each for each in statements if each.matched and each.effect == "Deny"])
    context = {**request["derived_context"], **request["context"]}
    return Explanation(
        outcome=decision["outcome"],
        sentence=sentence(principal, request["action"], request["resource"], decision["outcome"], because),
        word=verdict_word(decision["outcome"], decision["blocked_by"]),
        principal=principal or _("anonymous"),
        action=request["action"],
        resource=request["resource"],
        stages=list(_stages(trace)),
        statements=statements,
        context=[(key, _joined(value)) for key, value in sorted(context.items()) if value is not None],
        missing_context=list(decision["missing_context"]),
    )


def sentence(principal: str | None, action: str, resource: str, outcome: str, because: Text) -> str:
    """A decision in one sentence: who may or may not do what on what, and why."""
    said = (
        _("%(who)s may perform %(action)s on %(resource)s: %(because)s.")
        if outcome == "allowed"
        else _("%(who)s may not perform %(action)s on %(resource)s: %(because)s.")
    )
    return said % {"who": name_of(principal), "action": action, "resource": resource, "because": because}


def reason(outcome: str, blocked_by: Collection[str] = ()) -> Text:
    """Why a call was denied, without what is written in any policy."""
    if outcome == "explicitDeny":
        return _("a policy forbids it")
    if blocked_by:
        layers = ", ".join(str(LAYERS.get(layer, layer)) for layer in blocked_by)
        return _("it is allowed in part, but not by: %(layers)s") % {"layers": layers}
    return _("no policy allows it")


def _because(decision: Mapping[str, Any], denying: list[ShownStatement]) -> Text:
    if decision["outcome"] == "allowed":
        return engine_texts.reason(decision["because"])
    if decision["outcome"] == "explicitDeny" and denying:
        names = {"statement": denying[0].label, "policy": denying[0].policy, "number": len(denying)}
        return (
            ngettext(
                "%(statement)s in %(policy)s forbids it",
                "%(number)d statements forbid it, first %(statement)s in %(policy)s",
                len(denying),
            )
            % names
        )
    return reason(decision["outcome"], decision["blocked_by"])


def name_of(arn: str | None) -> str:
    """The name in a principal's ARN, as a sentence calls them: `dora`, `deploy/nightly` for a role's session."""
    if not arn:
        return _("Anybody without a name")
    kind, _slash, rest = arn.split(":", 5)[-1].partition("/")
    if kind == "root":
        return _("The root user")
    return rest if kind == "assumed-role" else rest.rsplit("/", 1)[-1] or arn


def kind_in_words(kind: str, principal: str | None) -> Text:
    """What a policy of the engine's kind is; an inline policy is that of the principal by name, where it is theirs."""
    own = {"user": ("user",), "role": ("role", "assumed-role")}.get(kind, ())
    holder, _slash, rest = (principal or "").split(":", 5)[-1].partition("/")
    if holder not in own:
        return KINDS.get(kind, kind)
    name = rest.partition("/")[0] if holder == "assumed-role" else rest.rsplit("/", 1)[-1]
    words = {"user": _("inline policy of user %(name)s"), "role": _("inline policy of role %(name)s")}
    return words[kind] % {"name": name}


def _stages(trace: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    outcome, blocked = trace["decision"]["outcome"], set(trace["decision"]["blocked_by"])
    for stage in trace["stages"]:
        denies = stage["verdict"] == "denies"
        if outcome == "explicitDeny":
            decides = denies and stage["name"] != "deny"
        else:
            decides = (
                outcome == "implicitDeny" and stage["verdict"] == "silent" and _had_to_allow(stage["name"], blocked)
            )
        yield {
            "name": _stage_name(stage["name"], denies=denies),
            "outcome": "allowed" if stage["name"] == "deny" and not denies else OUTCOMES[stage["verdict"]],
            "note": _capital(engine_texts.reason(stage["because"])),
            "decides": decides,
        }


def _stage_name(name: str, *, denies: bool) -> Text:
    """The name of a stage; that of explicit denies says which of the two was found, because a tick or a cross stands beside it."""
    if name == "deny":
        return _("Explicit deny") if denies else _("No explicit deny")
    return LAYERS.get(name, name)


def _capital(note: str) -> str:
    """A note begins with a capital letter, unless with the name of an action."""
    return note if ":" in note.partition(" ")[0] else note[:1].upper() + note[1:]


def _had_to_allow(stage: str, blocked: set[str]) -> bool:
    """Whether a silent stage is the reason of a denial: one that the engine names, or else the caller's own policies."""
    return stage in blocked if blocked else stage == "identity"


def _statements(
    stage: Mapping[str, Any], principal: str | None, hidden: Collection[tuple[str, str]]
) -> Iterator[ShownStatement]:
    for policy in stage["policies"]:
        is_hidden = (policy["name"], policy["arn"] or "") in hidden
        for statement in policy["statements"]:
            if is_hidden:
                yield _hidden_statement(stage["name"], policy, statement, principal)
                continue
            yield ShownStatement(
                policy=policy["name"],
                policy_arn=policy["arn"] or "",
                kind=kind_in_words(policy["kind"], principal),
                stage=stage["name"],
                label=statement["sid"] or _("Statement %(number)s") % {"number": statement["statement"] + 1},
                effect=statement["effect"],
                matched=statement["matched"],
                failed=statement["failed"],
                elements=[
                    Element(name, _written(element.get("values")), element["matched"], _resolved(element))
                    for name, element in statement["elements"].items()
                    if name != "Condition"
                ],
                conditions=[
                    ShownCondition(
                        each["key"],
                        each["operator"],
                        each["resolved"] or each["wanted"],
                        each["given"],
                        each["verdict"],
                    )
                    for each in statement["conditions"]
                ],
            )


def _hidden_statement(
    stage: str, policy: Mapping[str, Any], statement: Mapping[str, Any], principal: str | None
) -> ShownStatement:
    return ShownStatement(
        policy=policy["name"],
        policy_arn=policy["arn"] or "",
        kind=kind_in_words(policy["kind"], principal),
        stage=stage,
        label=_("Statement %(number)s") % {"number": statement["statement"] + 1},
        effect=statement["effect"],
        matched=statement["matched"],
        failed=[],
        elements=[],
        conditions=[],
        is_hidden=True,
    )


def _remedies(found: Explanation) -> Iterator[str]:
    for each in found.deciding if found.outcome == "explicitDeny" else ():
        changeable = [condition for condition in each.conditions if condition.matched]
        for condition in changeable:
            yield _condition_remedy(each, condition)
        if not changeable:
            yield _("Leave %(action)s on this resource out of %(statement)s in %(policy)s: no allow can overrule it.") % {
                "action": found.action, "statement": each.label, "policy": each.policy,
            }  # fmt: skip
    for each in found.near if found.outcome == "implicitDeny" else ():
        if found.resource == "*" and each.only_on:
            yield _only_on(each)
            continue
        yield _("%(statement)s in %(policy)s allows the action, but does not match by its %(failed)s.") % {
            "statement": each.label, "policy": each.policy, "failed": ", ".join(each.failed),
        }  # fmt: skip
    if found.outcome == "implicitDeny":
        for stage in found.stages:
            if stage["decides"]:
                yield _("%(layer)s must allow %(action)s.") % {"layer": stage["name"], "action": found.action}


def _only_on(each: ShownStatement) -> str:
    """Why a statement that names resources does not match `*`: that is a resource of its own here, not all of them."""
    named, others = each.only_on, [name for name in each.failed if name != "Resource"]
    more = len(named) - NAMED
    resources = ", ".join(named[:NAMED])
    if more > 0:
        resources = ngettext("%(resources)s and %(n)d more", "%(resources)s and %(n)d more", more) % {
            "resources": resources, "n": more,
        }  # fmt: skip
    said = _(
        "%(statement)s in %(policy)s allows the action on %(resources)s. What was asked about is * itself, not every resource."
    )
    if others:
        said = _(
            "%(statement)s in %(policy)s allows the action on %(resources)s. What was asked about is * itself, not every resource; and it "
            "does not match by its %(failed)s."
        )
    return said % {
        "statement": each.label,
        "policy": each.policy,
        "resources": resources,
        "failed": ", ".join(others),
    }


def _of_account(arn: str, account: str) -> str:
    """An ARN of any account as one of the caller's own."""
    fields = arn.split(":", ACCOUNT + 1)
    if account and len(fields) > ACCOUNT + 1 and fields[ACCOUNT] == "*":
        fields[ACCOUNT] = account
    return ":".join(fields)


def _condition_remedy(each: ShownStatement, condition: ShownCondition) -> str:
    if condition.key.lower() == "aws:multifactorauthpresent" and "false" in condition.wanted:
        return _("Sign in with a second factor: %(statement)s in %(policy)s denies only without one.") % {
            "statement": each.label, "policy": each.policy,
        }  # fmt: skip
    return _("%(statement)s in %(policy)s denies because %(key)s is %(given)s.") % {
        "statement": each.label,
        "policy": each.policy,
        "key": condition.key,
        "given": _("absent") if condition.given is None else _joined(condition.given),
    }


def _written(values: Any) -> list[str]:
    if isinstance(values, Mapping):
        return [f"{kind}: {value}" for kind, many in values.items() for value in many]
    return [str(value) for value in values or ()]


def _resolved(element: Mapping[str, Any]) -> list[str]:
    """What an element says with the values of its variables; nothing where it has none, and of what stands for nothing its own text."""
    texts, written = element.get("resolved") or (), _written(element.get("values"))
    found = [text if text is not None else own for text, own in zip(texts, written, strict=False)]
    return found if found != written else []


def _joined(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(str(each) for each in value)
