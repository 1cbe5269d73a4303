"""What is changed about a policy beside its document: who has it, its tags, whether it exists."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from operations import rehearsal
from operations.errors import AccessDenied, ServiceError
from operations.gate import one_change
from pages.request import CallerRequest
from policies import cascades
from policies.affected import affected_among, affected_by
from policies.forms import TagsForm
from policies.operations.policy_tags import tag_policy, untag_policy
from policies.reading import open_form, read_policy, tag_keys
from policies.saving import mark, renew, save
from policies.tag_lines import as_lines

WORDS = {"user": "User", "group": "Group", "role": "Role"}


@require_POST
def attach(request: CallerRequest, arn: str) -> HttpResponse:
    """Attach the policy to one user, group or role by its name; a name with its kind before it (`role/deploy`) needs no other choice."""
    kind, name = request.POST.get("kind", ""), request.POST.get("name", "").strip()
    before, slash, rest = name.partition("/")
    if slash and before in WORDS:
        kind, name = before, rest
    if kind not in WORDS or not name:
        messages.error(request, _("Choose a user, group or role, and type its name."))
        return redirect("policies:entities", arn)
    try:
        cascades.attach(request.caller, arn, WORDS[kind], name)
    except AccessDenied:
        raise
    except ServiceError as error:
        messages.error(request, error.message)
        typed = urlencode({"attach": name, "attach_kind": kind})
        return redirect(f"{reverse('policies:entities', args=[arn])}?{typed}")
    else:
        messages.success(request, _("Attached to %(name)s.") % {"name": name})
    return redirect("policies:entities", arn)


@require_POST
def detach(request: CallerRequest, arn: str) -> HttpResponse:
    """Detach the policy from the chosen entities (`user/dora`), all or none; with `review` first who loses what it gives."""
    chosen = [entity.partition("/") for entity in request.POST.getlist("entity")]
    if not chosen:
        messages.error(request, _("Choose at least one user, group or role."))
        return redirect("policies:entities", arn)
    if "review" in request.POST:
        return _review_of_detaching(request, arn, [(kind, name) for kind, _slash, name in chosen])
    try:
        with one_change():
            for kind, _slash, name in chosen:
                cascades.detach(request.caller, arn, WORDS[kind], name)
    except KeyError:
        raise Http404 from None
    except AccessDenied:
        raise
    except ServiceError as error:
        messages.error(request, error.message)
    else:
        said = ngettext("Detached from %(n)d entity.", "Detached from %(n)d entities.", len(chosen))
        messages.success(request, said % {"n": len(chosen)})
    return redirect("policies:entities", arn)


def _review_of_detaching(request: CallerRequest, arn: str, chosen: list[tuple[str, str]]) -> HttpResponse:
    row: Any = read_policy(request.caller, arn, "iam:ListEntitiesForPolicy")
    losing = affected_among(row, request.caller.account_id, chosen)
    if not losing.number:
        messages.error(request, _("None of them has the policy attached any more."))
        return redirect("policies:entities", arn)
    return render(request, "policies/detach.html", {"row": row, "losing": losing})


def tags(request: CallerRequest, arn: str) -> HttpResponse:
    """Edit all tags at once: what was removed is untagged, what is new or changed is tagged, all or none."""
    row = read_policy(request.caller, arn, "iam:ListPolicyTags")
    stored = {tag.key: tag.value for tag in sorted(row.tags.all(), key=lambda tag: tag.key)}
    current = as_lines(stored.items())
    form = TagsForm(request.POST or None, initial={"tags": current, "seen": mark(current)})
    meanwhile = ""
    if form.is_valid():
        if form.cleaned_data["seen"] != mark(current):
            meanwhile = current or _("(no tags)")
            renew(form, current)
        elif save(form, lambda: _set_tags(request, arn, stored, form.cleaned_data["tags"])):
            messages.success(request, _("Tags saved."))
            return redirect("policies:tags", arn)
    context = {"row": row, "form": form, "tags": stored, "meanwhile": meanwhile, "tab": "tags"}
    context["tags_shown"] = list(stored.items())
    keys = tag_keys(row)
    context["editable"] = any(
        request.caller.may_somehow(action, arn, keys) for action in ("iam:TagPolicy", "iam:UntagPolicy")
    )
    return render(request, "policies/tags.html", context, status=409 if meanwhile else 200)


def _set_tags(request: CallerRequest, arn: str, stored: dict[str, str], wanted: list[dict[str, str]]) -> None:
    keys = {tag["Key"] for tag in wanted}
    gone = [key for key in stored if key not in keys]
    new = [tag for tag in wanted if stored.get(tag["Key"]) != tag["Value"]]
    with one_change():
        if gone:
            untag_policy(request.caller, policy_arn=arn, tag_keys=gone)
        if new:
            tag_policy(request.caller, policy_arn=arn, tags=new)


def delete(request: CallerRequest, arn: str) -> HttpResponse:
    """Delete the policy with all its versions, detached everywhere, after showing who loses it; its name is typed to confirm."""
    row: Any = read_policy(request.caller, arn)
    if row.is_aws_managed:
        raise Http404(_("AWS managed policies cannot be deleted."))
    wrong = False
    if request.method == "POST":
        wrong = not rehearsal.is_on() and request.POST.get("confirmation", "") != row.name
        if not wrong:
            cascades.delete_policy_completely(request.caller, row)
            messages.success(request, _("Policy %(name)s was deleted.") % {"name": row.name})
            return redirect("policies:policies")
    else:
        open_form(request.caller, row, "iam:DeletePolicy")
    losing, bounded = affected_by(row, row.account_id)
    context = {
        "row": row,
        "wrong": wrong,
        "losing": losing,
        "bounded": bounded,
        "versions": row.versions.count(),
    }
    return render(request, "policies/delete.html", context, status=400 if wrong else 200)
