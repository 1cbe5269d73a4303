"""What is changed about a policy beside its document: its tags, whether it exists."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from operations import rehearsal
from operations.caller import Caller
from operations.gate import one_change
from operations.rehearsal import Step
from pages.listing import Loss
from pages.listing.needs import sees
from pages.request import CallerRequest
from pages.undo import done
from policies import cascades
from policies.affected import affected_by
from policies.forms import TagsForm
from policies.last_decided import known_since
from policies.listings import SEE_DECISIONS
from policies.losses import use
from policies.models import ManagedPolicy
from policies.operations.policy_tags import tag_policy, untag_policy
from policies.queries import written_about
from policies.reading import open_form, read_policy, tag_keys
from policies.saving import mark, renew, save
from policies.tag_lines import as_lines


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
            wanted = {tag["Key"]: tag["Value"] for tag in form.cleaned_data["tags"]}
            done(request, _("Tags saved."), _tagging(arn, wanted, stored), on=row.arn, replaces=True)
            return redirect("policies:tags", arn)
    context = {"row": row, "form": form, "tags": stored, "meanwhile": meanwhile, "tab": "tags"}
    context["tags_shown"] = list(stored.items())
    keys = tag_keys(row)
    context["editable"] = any(
        request.caller.may_somehow(action, arn, keys) for action in ("iam:TagPolicy", "iam:UntagPolicy")
    )
    return render(request, "policies/tags.html", context, status=409 if meanwhile else 200)


def _tagging(arn: str, present: dict[str, str], wanted: dict[str, str]) -> list[Step]:
    """What makes the present tags the wanted ones."""
    gone = [key for key in present if key not in wanted]
    new = [{"Key": key, "Value": value} for key, value in wanted.items() if present.get(key) != value]
    untag = [Step("iam", "UntagPolicy", {"policy_arn": arn, "tag_keys": gone})] if gone else []
    return untag + ([Step("iam", "TagPolicy", {"policy_arn": arn, "tags": new})] if new else [])


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
        "versions": row.version_count,
        "going": written_about(row),
        "may_read": request.caller.may("iam:GetPolicyVersion", arn, tag_keys(row)),
        "use": _use(request.caller, row),
    }
    return render(request, "policies/delete.html", context, status=400 if wrong else 200)


def _use(caller: Caller, row: Any) -> list[Loss]:
    """When the policy last decided something, for who may read the record."""
    if not sees(caller, SEE_DECISIONS):
        return []
    since = ManagedPolicy.objects.filter(pk=row.pk).values_list(known_since(caller.account_id), flat=True)
    return use(row, since.first())
