"""The tests of a policy: what it decides in each, adding, changing and deleting them."""

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from operations.rehearsal import Step
from pages.request import CallerRequest
from pages.undo import done
from policies.models import PolicyTest
from policies.operations.policy_tests import READING, WRITING, delete_policy_test, put_policy_test
from policies.reading import open_form, read_own, read_part, tag_keys
from policies.saving import save
from policies.test_forms import PolicyTestForm, initial_of
from policies.testing import MOST, ask

if TYPE_CHECKING:
    from policies.queries import PolicyRow


def tests(request: CallerRequest, arn: str) -> HttpResponse:
    """The tests, and what the document in force decides in each."""
    row = read_own(request.caller, arn)
    document = row.document  # type: ignore[attr-defined]
    read = read_part(
        request.caller, row, "iam:GetPolicyVersion", lambda: ask(row, document, row.tests.order_by("name_key"))
    )
    may_write = all(request.caller.may(action, arn, tag_keys(row)) for action in (WRITING, READING))
    found = read.value or []
    context = {"row": row, "tab": "tests", "read": read, "tested": found, "may_write": may_write, "most": MOST}
    return render(request, "policies/tests.html", context | {"failing": sum(not one.passes for one in found)})


def put(request: CallerRequest, arn: str) -> HttpResponse:
    """Add a test, or change one (`?test=name`)."""
    row = read_own(request.caller, arn)
    old = _named(request, row)
    if request.method != "POST":
        open_form(request.caller, row, WRITING)
    open_form(request.caller, row, READING)  # a name that is taken is told
    form = PolicyTestForm(request.POST or None, initial=initial_of(old) if old else None)
    if old:
        form.fields["test_name"].disabled = True  # a test is known by its name
    elif form.is_valid() and row.tests.filter(name_key=form.cleaned_data["test_name"].strip().lower()).exists():
        form.add_error("test_name", _("The policy has a test of this name."))
    if form.is_valid() and save(form, lambda: put_policy_test(request.caller, policy_arn=arn, **form.parameters)):
        name = form.cleaned_data["test_name"].strip()
        done(request, _("Test %(name)s saved.") % {"name": name}, [_back(arn, name, old)], on=row.arn, replaces=True)
        return redirect("policies:tests", arn)
    return render(request, "policies/test.html", {"row": row, "form": form, "old": old})


@require_POST
def delete(request: CallerRequest, arn: str) -> HttpResponse:
    """Delete a test; it can be taken back at once."""
    row = read_own(request.caller, arn)
    name = request.POST.get("test_name", "")
    old = row.tests.filter(name_key=name.strip().lower()).first()
    delete_policy_test(request.caller, policy_arn=arn, test_name=name)
    done(request, _("Test %(name)s deleted.") % {"name": name}, [_back(arn, name, old)], on=row.arn, replaces=True)
    return redirect("policies:tests", arn)


def _named(request: CallerRequest, row: "PolicyRow") -> PolicyTest | None:
    """The test that is to be changed, for whoever may read it; None for a new one. Raises AccessDenied, Http404."""
    name = request.GET.get("test", "")
    if not name:
        return None
    read = read_part(request.caller, row, READING, lambda: row.tests.filter(name_key=name.lower()).first())
    if read.refusal:
        raise read.refusal.error
    if read.value is None:
        raise Http404(_("There is no test %(name)s.") % {"name": name})
    return read.value


def _back(arn: str, name: str, old: PolicyTest | None) -> Step:
    """What makes the test again what it was."""
    if old is None:
        return Step("iam", "DeletePolicyTest", {"policy_arn": arn, "test_name": name})
    params: dict[str, Any] = {
        "policy_arn": arn,
        "test_name": old.name,
        "action_name": old.action,
        "resource_arn": old.resource,
        "context": old.context,
        "expected_decision": old.expected,
    }
    return Step("iam", "PutPolicyTest", params)
