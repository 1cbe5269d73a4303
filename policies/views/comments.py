"""The comments on a policy: reading them, adding one, deleting one's own."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from operations.rehearsal import Step
from pages.request import CallerRequest
from pages.undo import done
from policies.comments import LONGEST, author_id
from policies.operations.policy_comments import DELETE, PUT, READING, delete_policy_comment, put_policy_comment
from policies.reading import read_own, read_part, tag_keys
from policies.saving import save

SHOWN = 50  # a page


class CommentForm(forms.Form):
    """A new comment."""

    text = forms.CharField(
        label=gettext_lazy("Comment"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("Plain text, up to 2,000 characters."),
    )
    error_fields = {"InvalidInput": "text", "LimitExceeded": "text"}


def comments(request: CallerRequest, arn: str) -> HttpResponse:
    """The comments, the newest first, and a new one."""
    row = read_own(request.caller, arn)
    form = CommentForm(request.POST or None)
    if form.is_valid():
        made: list[str] = []
        if save(form, lambda: made.append(_put(request, arn, form.cleaned_data["text"]))):
            back = [Step("iam", "DeletePolicyComment", {"policy_arn": arn, "comment_id": made[0]})]
            done(request, _("Comment added."), back, on=row.arn)
            return redirect("policies:comments", arn)
    rows = Paginator(row.comments.order_by("-id"), SHOWN)
    read = read_part(request.caller, row, READING, lambda: rows.get_page(request.GET.get("page")))
    keys = tag_keys(row)
    context = {
        "row": row,
        "tab": "comments",
        "form": form,
        "read": read,
        "page": read.value,
        "mine": author_id(request.caller),
        "is_root": request.caller.is_root,
        "may_put": request.caller.may(PUT, arn, keys),
        "may_delete": request.caller.may(DELETE, arn, keys),
    }
    return render(request, "policies/comments.html", context)


@require_POST
def delete(request: CallerRequest, arn: str) -> HttpResponse:
    """Delete a comment of one's own."""
    read_own(request.caller, arn)
    delete_policy_comment(request.caller, policy_arn=arn, comment_id=request.POST.get("comment_id", ""))
    messages.success(request, _("Comment deleted."))
    return redirect("policies:comments", arn)


def _put(request: CallerRequest, arn: str, text: str) -> str:
    found: str = put_policy_comment(request.caller, policy_arn=arn, text=text)["PolicyComment"]["CommentId"]
    return found
