"""A proposal in a real browser: written by somebody who may save nothing, reviewed and saved by somebody else."""

from playwright.sync_api import expect

from accounts.models import User
from accounts.operations.inline_policies import put_user_policy
from accounts.operations.users import create_user
from operations.caller import command_caller
from policies.models import ManagedPolicy, PolicyProposal
from policies.operations.managed_policies import create_policy
from tests.conftest import ACCOUNT
from tests.e2e.conftest import Axe, Visit
from tests.e2e.test_policy_editor import ready, statement, write

MAY = ["iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions", "iam:ProposePolicyVersion"]


def test_from_the_editor_over_the_review_into_force(visit: Visit, admin_user: User, axe: Axe) -> None:
    system = command_caller(ACCOUNT)
    arn = create_policy(system, policy_name="reports", policy_document=statement(Action="s3:GetObject"))["Policy"][
        "Arn"
    ]
    create_user(system, user_name="rita")
    put_user_policy(
        system, user_name="rita", policy_name="propose", policy_document=statement(Action=MAY, Resource=arn)
    )
    page = visit(f"/policies/{arn}/", User.objects.get(name="rita"))
    page.get_by_role("link", name="Propose a change").click()
    write(ready(page), statement(Action="s3:PutObject"))
    page.locator("button[name=review]:not([tabindex])").click()
    expect(page.get_by_role("button", name="Save version")).to_have_count(0)
    axe(page)
    page.get_by_role("button", name="Request review").click()
    expect(page.get_by_text("Your change of reports waits for review.")).to_be_visible()
    axe(page)
    assert ManagedPolicy.objects.get(arn=arn).latest_version == 1

    page = visit(f"/policies/proposals/{arn}/", admin_user)
    page.get_by_role("row").nth(1).get_by_role("link").click()
    page.get_by_role("link", name="Review", exact=True).click()
    expect(page.get_by_role("heading", name="Review proposal for reports")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_text("A new version of reports was saved. The proposal is accepted.")).to_be_visible()
    assert ManagedPolicy.objects.get(arn=arn).default_version == 2
    assert PolicyProposal.objects.get().version_id == "v2"


def test_it_works_on_a_phone_without_scripts(visit: Visit, admin_user: User) -> None:
    system = command_caller(ACCOUNT)
    arn = create_policy(system, policy_name="plain", policy_document=statement(Action="s3:Get*"))["Policy"]["Arn"]
    page = visit(f"/policies/edit/{arn}/", admin_user, width=390, theme="dark", scripts=False)
    page.get_by_label("Policy document").fill(statement(Action="s3:Put*"))
    page.get_by_role("button", name="Request review").click()
    expect(page.get_by_text("Your change of plain waits for review.")).to_be_visible()
    page.get_by_role("row").nth(1).get_by_role("link").click()
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("The proposal was withdrawn.")).to_be_visible()
