"""AWS managed policies in an imported file: all accounts share them, so only the operator at the machine may complete them."""

import json
from typing import Any

import pytest

from operations.errors import InvalidInput
from policies.models import AWS, ManagedPolicy, PolicyUsage, PolicyVersion
from tests.accounts import import_files as files
from tests.accounts.import_trials import counts, load, printed


class TestPoliciesOfAws:
    """All accounts share them, so only the operator at the machine may complete them."""

    @pytest.fixture
    def read_only(self, db):
        row = ManagedPolicy.objects.create(
            account_id=AWS, name="ReadOnlyAccess", name_key="readonlyaccess", arn=files.READ_ONLY, unique_id="ANPAOURS0000000000001", default_version=2, latest_version=2
        )  # fmt: skip
        PolicyVersion.objects.create(policy=row, number=2, document=json.dumps(files.document("s3:Get*", "s3:List*")))
        return row

    def content(self, **read_only: Any) -> dict[str, Any]:
        documents = [files.document("s3:Get*"), files.document("s3:Get*", "s3:List*"), files.document("s3:*")]
        policy = files.policy("ReadOnlyAccess", *documents, owner="arn:aws:iam::aws", **{"default": 2, **read_only})
        group = files.group("g", AttachedManagedPolicies=[files.attached(files.READ_ONLY)])
        return {"GroupDetailList": [group], "Policies": [policy | {"AttachmentCount": 1}]}

    def test_the_operator_completes_a_known_policy(self, system, read_only):
        assert counts(load(system, self.content()))["Policies"] == (0, 1, 0)
        row = ManagedPolicy.objects.get(arn=files.READ_ONLY)
        assert row.unique_id == self.content()["Policies"][0]["PolicyId"]
        assert sorted(row.versions.values_list("number", flat=True)) == [1, 2, 3]
        assert printed(system)["Policies"] == self.content()["Policies"]
        assert counts(load(system, self.content()))["Policies"] == (0, 0, 1)

    def test_the_operator_brings_a_newer_version(self, system, read_only):
        load(system, self.content(default=3))
        assert ManagedPolicy.objects.get(arn=files.READ_ONLY).default_version == 3

    def test_an_older_version_never_comes_into_force(self, system, read_only):
        answer = load(system, self.content(default=1))
        assert ManagedPolicy.objects.get(arn=files.READ_ONLY).default_version == 2
        assert answer["Notices"] == [
            {
                "Place": "Policies[0] (ReadOnlyAccess)",
                "Message": "v1 is in force in the file; here it is v2, which is newer.",
            }
        ]

    def test_our_own_text_of_a_version_is_kept(self, system, read_only):
        content = self.content()
        content["Policies"][0]["PolicyVersionList"][1]["Document"] = files.document("*")
        assert "reads otherwise here" in load(system, content)["Notices"][0]["Message"]
        assert '"*"]' not in PolicyVersion.objects.get(policy=read_only, number=2).document

    def test_an_administrator_of_one_account_changes_nothing_for_all(self, admin, read_only):
        before = list(PolicyVersion.objects.values())
        answer = load(admin, self.content(default=3))
        assert counts(answer)["Policies"] == (0, 0, 1)
        assert (
            "v3 is in force in the file; here it is v2. Import the file with manage.py"
            in answer["Notices"][0]["Message"]
        )
        assert list(PolicyVersion.objects.values()) == before
        assert ManagedPolicy.objects.get(arn=files.READ_ONLY).unique_id == read_only.unique_id
        assert PolicyUsage.objects.get(policy=read_only).attachments == 1

    def test_an_administrator_cannot_bring_an_unknown_one(self, admin):
        with pytest.raises(InvalidInput, match="This installation does not know the AWS managed policy ReadOnlyAccess"):
            load(admin, self.content())
        assert not ManagedPolicy.objects.filter(account_id=AWS).exists()
