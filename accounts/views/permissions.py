"""Giving and taking policies and tags: one set of pages for users, groups and roles."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.consequences import attached_to, attaching, taken_from
from accounts.forms.permissions import AttachForm, InlinePolicyForm, lines_of
from accounts.held_beside import beside_holder
from accounts.holders import KINDS, Kind, inline_policy
from accounts.models import Group
from accounts.page_request import PageRequest
from accounts.queries.held_policies import HeldPolicy
from accounts.rule_words import after_tagging
from engine.canonical import laid_out
from operations.gate import authorise_form, one_change, request_keys
from operations.rehearsal import Step
from pages import drafts
from pages.errors import part
from pages.kept_drafts import keeps_draft
from pages.picking import left_to_create, looked_up, wished
from pages.undo import done
from policies.editing import Review, review
from policies.editor import Consequences as ToldBeside
from policies.forms import TagsForm
from policies.lookup import attachable_policies, refuse_service_linked
from policies.models import ManagedPolicy
from policies.replays import DocumentChange, replayed
from policies.saving import mark, renew, save
from policies.statement_use import InlinePolicy, uses_of
from policies.taking_out import Editor, begun_without, is_one_of_several
from policies.words import sentences_of

NEW_DOCUMENT = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [],
      "Resource": []
    }
  ]
}
"""


def attach(request: PageRequest, kind: str, name: str) -> HttpResponse:
    """Choose among all policies and attach the chosen ones, all or none. Those of `?policy=` are chosen already.

    The form leads to a review of what they add; the review's button, `attach`, does it.
    """
    holder = KINDS[kind]
    row = holder.read(request.caller, name)
    if request.method != "POST":
        keys = holder.keys(row, holder.attach_action)
        authorise_form(request.caller, holder.attach_action, row.arn, keys, unfinished=True)
    held, listing = holder.policies(row), holder.action("ListAttached", "Policies")
    attached = [one.arn for one in held if one.arn and one.is_direct]
    seen = attached if holder.may(request.caller, listing, row) else []
    form = AttachForm(
        request.POST or drafts.taken(request),
        caller=request.caller,
        initial={"policy_arn": wished(request, "policy", seen)},
        room=holder.room_beside(attached),
        attached=seen,
        beside=beside_holder(request.caller, holder, row, held),
    )
    if (elsewhere := left_to_create(request, form)) is not None:
        return elsewhere
    if not looked_up(form) and form.is_valid():
        answer = _attached if "attach" in request.POST else partial(_attach_review, held=held)
        if (shown := answer(request, holder, row, form)) is not None:
            return shown
    context = {"holder": holder, "row": row, "form": form, "back": holder.policies_address(row.name)}
    return render(request, "accounts/holders/attach.html", context)


def _attached(request: PageRequest, holder: Kind, row: Any, form: AttachForm) -> HttpResponse | None:
    """Attach what was chosen; None where it cannot be, which stands on the form then."""
    arns = form.cleaned_data["policy_arn"]
    if not save(form, lambda: _attach(request, holder, row, form)):
        return None
    said = ngettext("%(n)d policy is attached to %(name)s.", "%(n)d policies are attached to %(name)s.", len(arns))
    steps = [holder.step("Detach", "Policy", row.name, policy_arn=arn) for arn in arns]
    done(request, said % {"n": len(arns), "name": row.name}, steps, on=row.arn)
    return redirect(holder.policies_address(row.name))


def _attach_review(
    request: PageRequest, holder: Kind, row: Any, form: AttachForm, *, held: Sequence[HeldPolicy]
) -> HttpResponse | None:
    """What the chosen policies add, before they are attached; None where they cannot be, which stands on the form then."""
    caller, action, arns = request.caller, holder.attach_action, form.cleaned_data["policy_arn"]
    keys, listing = holder.keys(row, action), holder.action("ListAttached", "Policies")
    policies: list[ManagedPolicy] = []

    def ask() -> None:
        for arn in arns:
            authorise_form(caller, action, row.arn, {**keys, **request_keys(action, {"policy_arn": arn})})
        policies[:] = attachable_policies(caller.account_id, arns)
        for policy in policies:
            refuse_service_linked(policy, holder.word)

    if not save(form, ask):
        return None
    found = attaching(caller, holder, row, policies, held)
    seen = holder.may(caller, listing, row)
    told = found.value if isinstance(row, Group) and not found.refusal else None
    context = {
        "holder": holder,
        "row": row,
        "attaching": found,
        "total": holder.most_attached - form.room + len(arns) if seen else None,
        "impact": attached_to(caller, row, told) if told else None,
        "back": holder.policies_address(row.name),
        "again": f"{holder.address(row.name, 'attach')}?{urlencode([('policy', arn) for arn in arns])}",
    }
    return render(request, "accounts/holders/attach_review.html", context)


def _attach(request: PageRequest, holder: Kind, row: Any, form: AttachForm) -> None:
    with one_change():
        for arn in form.cleaned_data["policy_arn"]:
            holder.call(request.caller, "Attach", "Policy", row.name, policy_arn=arn)


def detach(request: PageRequest, kind: str, name: str) -> HttpResponse:
    """Detach one policy, after showing who loses what by it."""
    holder = KINDS[kind]
    arn = request.POST.get("policy_arn", "") or request.GET.get("policy_arn", "")
    if request.method == "POST":
        holder.call(request.caller, "Detach", "Policy", name, policy_arn=arn)
        said = _("The policy %(name)s is detached.") % {"name": arn.rpartition("/")[2]}
        row = holder.find(request.caller.account_id, name)
        done(request, said, [holder.step("Attach", "Policy", name, policy_arn=arn)], on=row.arn)
        return redirect(holder.policies_address(name))
    row, policy_name = holder.read(request.caller, name), arn.rpartition("/")[2]
    try:
        address = reverse("policies:policy", args=[arn])
    except NoReverseMatch as error:
        raise Http404 from error
    context = {
        "title": _("Detach %(policy)s from %(name)s?") % {"policy": policy_name, "name": row.name},
        "lead": _("The policy itself stays, and what else it is attached to keeps it."),
        "button": _("Detach"),
        "policy": address,
        "fields": {"policy_arn": arn},
        "impact": taken_from(request.caller, row, [arn]) if isinstance(row, Group) else None,
    }
    return _review(request, holder, row, context)


def delete_inline(request: PageRequest, kind: str, name: str) -> HttpResponse:
    """Delete one inline policy, after showing its document and who loses what by it."""
    holder = KINDS[kind]
    policy_name = request.POST.get("policy_name", "") or request.GET.get("policy_name", "")
    if request.method == "POST":
        row = holder.find(request.caller.account_id, name)
        before = inline_policy(row, policy_name) if row else None
        holder.call(request.caller, "Delete", "Policy", name, policy_name=policy_name)
        said = _("The inline policy %(name)s is deleted.") % {"name": policy_name}
        done(request, said, _putting(holder, name, before), on=row.arn, replaces=True)
        return redirect(holder.policies_address(name))
    row = holder.read(request.caller, name)

    def document() -> str:
        holder.authorise(request.caller, holder.action("Get", "Policy"), row)
        stored = inline_policy(row, policy_name)
        if stored is None:
            raise Http404
        return str(stored.document)

    context: dict[str, Any] = {
        "title": _("Delete the inline policy %(policy)s of %(name)s?") % {"policy": policy_name, "name": row.name},
        "lead": _("It can be undone right afterwards. Copy the document if it may be needed later."),
        "button": _("Delete policy"),
        "document": part(document),
        "fields": {"policy_name": policy_name},
    }
    if isinstance(row, Group) and (text := context["document"].value):
        context["impact"] = taken_from(request.caller, row, documents=[text])
    return _review(request, holder, row, context)


def _review(request: PageRequest, holder: Kind, row: Any, context: dict[str, Any]) -> HttpResponse:
    """The page that asks before a policy is taken away."""
    shared = {"holder": holder, "row": row, "losers": _losers(row), "back": holder.policies_address(row.name)}
    return render(request, "accounts/holders/take.html", shared | context)


def _losers(row: Any) -> str:
    """Who loses what a policy allows when its holder loses the policy."""
    if isinstance(row, Group):
        return ngettext(
            "%(n)d member loses what it allows, unless another policy allows it too.",
            "%(n)d members lose what it allows, unless another policy allows it to them too.",
            row.member_count,
        ) % {"n": row.member_count}
    return _("%(name)s loses what it allows, unless another policy allows it too.") % {"name": row.name}


@keeps_draft
def edit_inline(request: PageRequest, kind: str, name: str, policy_name: str = "") -> HttpResponse:
    """Write a new inline policy or change one, perhaps without one of its statements (`?without=3`); with `?used=1` it is said when each of
    them decided last. Whoever saves later sees what was saved meanwhile.
    """
    holder = KINDS[kind]
    row = holder.read(request.caller, name)
    if policy_name:
        holder.authorise(request.caller, holder.action("Get", "Policy"), row)
    elif not holder.may(request.caller, holder.put_action, row):
        holder.authorise(
            request.caller, holder.put_action, row
        )  # a denial; nothing was put yet that could be recorded as allowed
    stored = inline_policy(row, policy_name) if policy_name else None
    if policy_name and stored is None:
        raise Http404
    current = stored.document if stored else NEW_DOCUMENT
    form = InlinePolicyForm(
        request.POST or drafts.taken(request),
        initial={"policy_name": policy_name, "policy_document": _begun(request, current), "seen": mark(current)},
    )
    address = holder.address(row.name, "inline-consequences")
    form.fields["policy_document"].widget.consequences = ToldBeside(address, stored.name if stored else "")
    form.fields["policy_document"].widget.limit = holder.room_for_inline(row, policy_name)
    if stored:
        form.fields["policy_name"].disabled = True
        form.fields["policy_name"].help_text = ""
    meanwhile, reviewed = "", None
    if not looked_up(form) and "edit" not in request.POST and form.is_valid():
        if stored and form.cleaned_data["seen"] != mark(current):
            meanwhile = current
            renew(form, current)
        else:
            values = {key: form.cleaned_data[key] for key in ("policy_name", "policy_document")}
            if not stored and inline_policy(row, values["policy_name"]):
                form.add_error("policy_name", _("There is an inline policy of this name already."))
            elif "review" in request.POST:
                before = stored.document if stored else ""
                parameters = {holder.parameter: row.name, **values}
                limit = f"{holder.word}PolicySizeQuota"
                reviewed = review(form, holder.put_action, parameters, before=before, limit=limit)
            elif save(form, lambda: holder.call(request.caller, "Put", "Policy", row.name, **values)):
                said = _("Inline policy %(name)s saved.") % {"name": values["policy_name"]}
                done(request, said, _putting(holder, row.name, stored), on=row.arn, replaces=True)
                return redirect(holder.policies_address(row.name))
    back = holder.policies_address(row.name)
    context = {"holder": holder, "row": row, "form": form, "stored": stored, "meanwhile": meanwhile, "back": back}
    context |= {"document": current, **_consequences(request, row, reviewed, form)}
    context["editable"] = holder.may(request.caller, holder.put_action, row)
    context |= _sentences(request, holder, row, stored, is_read=not context["editable"])
    return render(request, "accounts/holders/inline.html", context, status=409 if meanwhile else 200)


def _begun(request: PageRequest, document: str) -> str:
    """What the editor begins with. Raises Http404 for a statement that cannot be taken out."""
    begun = begun_without(document, request.GET.get("without", ""))
    if begun is None:
        raise Http404(_("There is no such statement that can be taken out."))
    return begun


def _sentences(request: PageRequest, holder: Kind, row: Any, stored: Any, *, is_read: bool) -> dict[str, Any]:
    """The document in sentences where it is only read; with `?used=1` what the record says of each of them, to whoever may read it."""
    is_asked = "used" in request.GET and request.method != "POST"
    if stored is None or not (is_asked or is_read):
        return {"sentences": None}
    said = sentences_of(laid_out(stored.document))
    if said is None or not is_asked:
        return {"sentences": said, "only_read": is_read}
    used = uses_of(request.caller, InlinePolicy(row, stored.name, stored.document, stored.updated_at))
    if used is not None and used.value is not None:
        said = said.with_uses(used.value.of)
    editor = None
    if is_one_of_several(stored.document):
        tags = row.tags.all() if holder.has_tags else ()
        editor = Editor(holder.inline_address(row.name, stored.name), holder.put_action, row.arn, tags)
    return {"sentences": said, "only_read": is_read, "used": used, "editor": editor}


def _consequences(request: PageRequest, row: Any, reviewed: Review | None, form: InlinePolicyForm) -> dict[str, Any]:
    """The review of a document with what the record says to it."""
    if reviewed is None:
        return {}
    change = DocumentChange(row, reviewed.before, reviewed.document, form.cleaned_data["policy_name"])
    return {"review": reviewed, "replay": replayed(request.caller, change)}


def _putting(holder: Kind, name: str, before: Any) -> list[Step]:
    """What brings an inline policy back as it was; nothing for one that was not there."""
    if before is None:
        return []
    return [holder.step("Put", "Policy", name, policy_name=before.name, policy_document=before.document)]


def tags(request: PageRequest, kind: str, name: str) -> HttpResponse:
    """Edit all tags at once: what was removed is untagged, what is new or changed is tagged, all or none."""
    holder = KINDS[kind]
    row = holder.read(request.caller, name)
    holder.authorise(request.caller, f"iam:List{holder.word}Tags", row)
    stored = list(row.tags.order_by("key_folded"))
    current = lines_of(stored)
    form = TagsForm(request.POST or None, initial={"tags": current, "seen": mark(current)})
    meanwhile = ""
    if form.is_valid():
        if form.cleaned_data["seen"] != mark(current):
            meanwhile = current
            renew(form, current)
        elif save(form, lambda: set_tags(request, holder, row, stored, form.cleaned_data["tags"])):
            done(
                request,
                _("Tags saved."),
                _tagging(holder, row.name, stored, form.cleaned_data["tags"]),
                on=row.arn,
                replaces=True,
            )
            return redirect(holder.address(row.name, "tags"))
    context = {"holder": holder, "row": row, "form": form, "tags": stored, "meanwhile": meanwhile, "tab": "tags"}
    context["follows"] = after_tagging(request.caller) if kind == "user" else ""
    context["tags_shown"] = [(tag.key, tag.value) for tag in stored]
    context["editable"] = any(
        request.caller.may_somehow(action, row.arn, holder.keys(row, action))
        for action in (holder.action("Tag"), holder.action("Untag"))
    )
    return render(request, "accounts/holders/tags.html", context, status=409 if meanwhile else 200)


def _tagging(holder: Kind, name: str, before: Any, after: list[dict[str, str]]) -> list[Step]:
    """What brings the tags back as they were."""
    old = {tag.key.lower(): {"Key": tag.key, "Value": tag.value} for tag in before}
    new = {tag["Key"].lower(): tag for tag in after}
    gone = [tag["Key"] for key, tag in new.items() if key not in old]
    back = [tag for key, tag in old.items() if new.get(key) != tag]
    untag = [holder.step("Untag", "", name, tag_keys=gone)] if gone else []
    return untag + ([holder.step("Tag", "", name, tags=back)] if back else [])


def set_tags(request: PageRequest, holder: Any, row: Any, stored: Any, wanted: list[dict[str, str]]) -> None:
    """Bring the stored tags to the wanted ones."""
    keep = {tag["Key"].lower() for tag in wanted}
    old = {tag.key: tag.value for tag in stored}
    gone = [tag.key for tag in stored if tag.key.lower() not in keep]
    new = [tag for tag in wanted if old.get(tag["Key"]) != tag["Value"]]
    with one_change():
        if gone:
            holder.call(request.caller, "Untag", "", row.name, tag_keys=gone)
        if new:
            holder.call(request.caller, "Tag", "", row.name, tags=new)
