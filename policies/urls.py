"""The addresses of managed policies. A policy is named by its ARN, which may hold slashes: what is shown of it stands before the ARN."""

from django.urls import URLPattern, path, register_converter

from policies.views import (
    activations,
    bulk,
    changes,
    comments,
    consequences,
    create,
    edit,
    editor,
    entities,
    policies,
    policy,
    proposals,
    tests,
    trials,
    versions,
)

app_name = "policies"


class PolicyArn:
    """The ARN of a policy as part of an address."""

    regex = "arn:[^?#]+[^/?#]"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PolicyArn, "policy_arn")

urlpatterns: list[URLPattern] = [
    path("policies/", policies.policies, name="policies"),
    path("policies/create/", create.create, name="create"),
    path("policies/delete/", bulk.delete_many, name="delete-many"),
    path("policies/tag/", bulk.tag, name="tag-many"),
    path("policies/editor/", editor.frame, name="editor"),
    path("policies/actions/", editor.actions, name="actions"),
    path("policies/check/", editor.check, name="check"),
    path("policies/consequences/", consequences.of_new, name="consequences-of-new"),
    path("policies/consequences/<policy_arn:arn>/", consequences.of_version, name="consequences"),
    path("policies/format/", editor.format_document, name="format"),
    path("policies/complete/", editor.complete, name="complete"),
    path("policies/entities/<policy_arn:arn>/", entities.entities, name="entities"),
    path("policies/attach/<policy_arn:arn>/", entities.attach, name="attach"),
    path("policies/detach/<policy_arn:arn>/", entities.detach, name="detach"),
    path("policies/look/<policy_arn:arn>/", policy.look, name="look"),
    path("policies/trial/<policy_arn:arn>/", trials.trial, name="trial"),
    path("policies/start-trial/<policy_arn:arn>/", trials.start, name="start-trial"),
    path("policies/stop-trial/<policy_arn:arn>/", trials.stop, name="stop-trial"),
    path("policies/schedule/<policy_arn:arn>/", activations.schedule, name="schedule"),
    path("policies/cancel-activation/<policy_arn:arn>/", activations.cancel, name="cancel-activation"),
    path("policies/tags/<policy_arn:arn>/", changes.tags, name="tags"),
    path("policies/tests/<policy_arn:arn>/", tests.tests, name="tests"),
    path("policies/test/<policy_arn:arn>/", tests.put, name="test"),
    path("policies/delete-test/<policy_arn:arn>/", tests.delete, name="delete-test"),
    path("policies/comments/<policy_arn:arn>/", comments.comments, name="comments"),
    path("policies/delete-comment/<policy_arn:arn>/", comments.delete, name="delete-comment"),
    path("policies/delete/<policy_arn:arn>/", changes.delete, name="delete"),
    path("policies/versions/<policy_arn:arn>/", versions.versions, name="versions"),
    path("policies/edit/<policy_arn:arn>/", edit.edit, name="edit"),
    path("policies/proposals/<policy_arn:arn>/", proposals.proposals, name="proposals"),
    path("policies/proposal/<slug:proposal_id>/<policy_arn:arn>/", proposals.proposal, name="proposal"),
    path("policies/review/<slug:proposal_id>/<policy_arn:arn>/", edit.review_proposal, name="review-proposal"),
    path("policies/decline-proposal/<slug:proposal_id>/<policy_arn:arn>/", proposals.decline, name="decline-proposal"),
    path(
        "policies/withdraw-proposal/<slug:proposal_id>/<policy_arn:arn>/", proposals.withdraw, name="withdraw-proposal"
    ),
    path("policies/set-default/<policy_arn:arn>/", versions.set_default, name="set-default"),
    path("policies/delete-version/<policy_arn:arn>/", versions.delete_version, name="delete-version"),
    path("policies/<policy_arn:arn>/", policy.permissions, name="policy"),
]
