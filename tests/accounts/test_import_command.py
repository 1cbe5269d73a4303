"""The commands that import and export an account."""

import json
from copy import deepcopy
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import User
from tests.accounts import import_files as files
from tests.accounts.import_trials import LISTS, in_order
from tests.accounts.test_import_problems import changed


def test_the_commands_print_and_take_the_same_file(account, tmp_path):
    given, back = tmp_path / "given.json", tmp_path / "back.json"
    given.write_text(json.dumps(files.small_account()))
    out = StringIO()
    call_command("import_account_authorization_details", str(given), stdout=out)
    assert "Users:            2 created, 0 changed, 0 unchanged" in out.getvalue()
    call_command("export_account_authorization_details", str(back))
    assert in_order(json.loads(back.read_text())) == in_order(files.small_account())
    out = StringIO()
    call_command("export_account_authorization_details", stdout=out)
    assert json.loads(out.getvalue()) == json.loads(back.read_text())
    out = StringIO()
    call_command("import_account_authorization_details", str(back), stdout=out)
    assert out.getvalue().count(" 0 created, 0 changed,") == 5


class TestCommand:
    def run(self, *arguments: str) -> tuple[str, str]:
        out, err = StringIO(), StringIO()
        call_command("import_account_authorization_details", *arguments, stdout=out, stderr=err)
        return out.getvalue(), err.getvalue()

    def file(self, tmp_path, content: Any) -> str:
        path = tmp_path / "details.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    def test_a_dry_run(self, account, tmp_path):
        out, _ = self.run(self.file(tmp_path, files.small_account()), "--dry-run")
        assert "This was a dry run: nothing has changed." in out
        assert not User.objects.exists()

    def test_an_account_that_is_not_here(self, db, tmp_path):
        with pytest.raises(CommandError, match=r"manage\.py create_account --account-id 123456789012"):
            self.run(self.file(tmp_path, files.small_account()))

    def test_a_file_that_is_not_there(self, db):
        with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
            self.run("/nowhere/details.json")

    def test_a_file_that_names_no_account(self, account, tmp_path):
        empty = self.file(tmp_path, {name: [] for name in LISTS})
        with pytest.raises(CommandError, match="Say with --account"):
            self.run(empty)
        assert "Users:            0 created" in self.run(empty, "--account", files.ACCOUNT)[0]

    def test_problems_are_listed(self, account, tmp_path):
        content = deepcopy(files.small_account())
        changed("UserDetailList.0.GroupList.0", "nowhere")(content)
        changed("UserDetailList.0.GroupList.1", "neither")(content)
        out, err = StringIO(), StringIO()
        with pytest.raises(CommandError, match=r"\(1 more problem\)"):
            call_command("import_account_authorization_details", self.file(tmp_path, content), stdout=out, stderr=err)
        assert err.getvalue().count("UserDetailList[0] (Alice): The group") == 2

    def test_broken_json(self, account, tmp_path):
        with pytest.raises(CommandError, match=r"line 1, column 2"):
            self.run(self.file(tmp_path, "{oops"))


def test_export_asks_which_account(account, other_account):
    with pytest.raises(CommandError, match="There are several accounts here"):
        call_command("export_account_authorization_details")
    with pytest.raises(CommandError, match="There is no account 999999999999 here"):
        call_command("export_account_authorization_details", account="999999999999")
