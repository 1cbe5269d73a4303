"""The form of «create user»."""

from collections.abc import Iterable
from itertools import islice
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.creation import INVITED, WITH_PASSWORD, WITHOUT, groups_of, tags_of
from accounts.forms.permissions import ask_pickers
from accounts.user_table import Row, Sentences, compared, rows_of
from operations.caller import Caller
from operations.ids import iam_arn
from operations.quotas import quota
from pages.errors import Refusal
from pages.forms import PathField, checked
from pages.picking import PickField
from policies.forms import TagsForm
from policies.tagging import why_refused

MOST_PASSWORDS = 50
MOST_USERS = 200
LONGEST_FILE = 200_000  # bytes: two hundred lines with all that may stand in them
# A line of the user names as the browser checks it: a name, perhaps in quotation marks and before other columns, or a heading.
LINE = r'"?\s*(?:[\w+=.@\-]{1,64}|[Uu][Ss][Ee][Rr][\s_\-]*[Nn][Aa][Mm][Ee][Ss]?)\s*"?(?:[,;\t].*)?\s*'


class CreateUserForm(forms.Form):
    """One user or many, and what they are to have."""

    user_names = forms.CharField(
        label=gettext_lazy("User names"),
        widget=forms.Textarea(
            attrs=checked(
                LINE,
                gettext_lazy(
                    "Line {number}: “{line}” is no user name. Use up to 64 letters, digits and + = , . @ _ -."
                ),
                lines=True,
                rows=3,
                autocapitalize="none",
            )
        ),
        help_text=gettext_lazy(
            "One per line, or a table with the heading user_name,path,groups,tags (several groups or tags of a user are set apart by "
            "semicolons). Up to 64 letters, digits and +\u00a0=\u00a0,\u00a0.\u00a0@\u00a0_\u00a0-; "
            "a name with a comma in quotation marks."
        ),
    )
    user_file = forms.FileField(
        label=gettext_lazy("Or a CSV file"),
        required=False,
        widget=forms.FileInput(
            attrs={
                "accept": ".csv,.txt,.tsv,text/csv,text/plain",
                "data-into": "id_user_names",
                "data-most": LONGEST_FILE,
                "data-said": gettext_lazy("The file was read into the field above."),
            }
        ),
        help_text=gettext_lazy("Read into the field above, line by line, before anything is created."),
    )
    access = forms.ChoiceField(
        label=gettext_lazy("Console access"),
        widget=forms.RadioSelect,
        choices=[
            (
                INVITED,
                gettext_lazy(
                    "By invitation: each user chooses a password on a link that works once; nobody else ever sees it"
                ),
            ),
            (
                WITH_PASSWORD,
                gettext_lazy(
                    "With a generated password: you see it once and pass it on; each user must choose a new one at the first sign-in"
                ),
            ),
            (WITHOUT, gettext_lazy("None: a program, or a person who signs in elsewhere")),
        ],
        initial=INVITED,
    )
    groups = PickField(
        "groups",
        label=gettext_lazy("Groups"),
        required=False,
        help_text=gettext_lazy("The best way to give permissions: users have those of their groups."),
    )
    policies = PickField("policies", label=gettext_lazy("Policies to attach"), required=False)
    copy_from = PickField(
        "users",
        single=True,
        label=gettext_lazy("Copy permissions from"),
        required=False,
        help_text=gettext_lazy("A user whose groups and policies the new ones get as well."),
    )
    permissions_boundary = PickField(
        "policies",
        single=True,
        label=gettext_lazy("Permissions boundary"),
        required=False,
        help_text=gettext_lazy("It grants nothing: it caps what the groups and policies above can grant."),
    )
    path = PathField(initial="/")
    tags = TagsForm.base_fields["tags"]
    error_fields = {"EntityAlreadyExists": "user_names", "LimitExceeded": "user_names", "InvalidInput": "tags"}

    def __init__(self, *args: Any, caller: Caller, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.caller = caller
        self.rows: list[Row] = []
        self.refusal: Refusal | None = None
        self.unreadable = ""
        self.fields["tags"].widget.attrs["rows"] = 3
        ask_pickers(self, caller, groups="GroupsPerUserQuota", policies="AttachedPoliciesPerUserQuota")
        self.is_from_file = bool(self.files.get("user_file"))
        if self.is_from_file:
            self._read_file()

    def _read_file(self) -> None:
        """What the chosen file says stands in the field of the names from here on, where it can be read and changed."""
        typed, file = str(self.data.get("user_names", "")).strip(), cast("UploadedFile[Any]", self.files["user_file"])
        if typed:
            self.unreadable = _("Type the names or choose a file. Nothing was taken from the file.")
        elif (file.size or 0) > LONGEST_FILE:
            self.unreadable = _("The file is too large: at most 200 kB are read.")
        else:
            try:
                text = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.unreadable = _("The file is no text in UTF-8. Save it as “CSV UTF-8”.")
            else:
                data = cast("QueryDict", self.data).copy()
                data["user_names"] = text
                self.data = data

    def clean_user_file(self) -> None:
        """Raises ValidationError for a file that was not read."""
        if self.unreadable:
            raise forms.ValidationError(self.unreadable)

    def clean_user_names(self) -> list[str]:
        """Every name, or one error for each line that is wrong.

        Whoever may create nobody (the form has their refusal) is not told who and what exists.
        """
        account_id = self.caller.account_id
        say = Sentences(
            taken=_("exists already"),
            malformed=_("is no user name. Use up to 64 letters, digits and + = , . @ _ -"),
            twice=_("is typed twice"),
            more=_(
                "has more beside it: give the name alone, or say in a first line what the columns are: user_name,path,groups,tags"
            ),
            cells=_("has more cells than the heading"),
            path=_("has a path that does not begin and end with a slash, or is longer than 512 characters"),
            group=lambda name: _("is to join %(group)s, which does not exist") % {"group": name},
            tag=lambda item: _("has a tag that is none, or twice: %(tag)s") % {"tag": item},
            column=lambda name: _("is no column that is known; use user_name, path, groups and tags"),
        )
        rows = rows_of(self.cleaned_data["user_names"], say, MOST_USERS)
        if len(rows) > MOST_USERS:
            raise forms.ValidationError(
                ngettext("Create at most %(n)d user at once.", "Create at most %(n)d users at once.", MOST_USERS)
                % {"n": MOST_USERS}
            )
        if not rows:
            raise forms.ValidationError(_("There is no user below the heading."))
        if self.refusal is None:
            names_groups = self.caller.may("iam:ListGroups", iam_arn(account_id, "group/"))
            rows = compared(rows, account_id, say, names_groups=names_groups)
        self.rows = rows
        if wrong := [row for row in rows if row.problem]:
            raise forms.ValidationError(
                [
                    _("Line %(number)d: %(name)s %(problem)s.")
                    % {"number": row.number, "name": row.name or "–", "problem": row.problem}
                    for row in wrong[:20]
                ]
            )
        return [row.name for row in rows]

    @property
    def columns(self) -> dict[str, bool]:
        """Which of the columns besides the name say something in some line."""
        return {key: any(getattr(row, key) for row in self.rows) for key in ("path", "groups", "tags")}

    @property
    def has_columns(self) -> bool:
        """Whether the lines say more than names."""
        return any(self.columns.values())

    clean_tags = TagsForm.clean_tags

    def clean(self) -> dict[str, Any]:
        """Passwords are slow to hash on purpose, so that many at once would outlast the request."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        self.count_groups(data.get("groups") or [])
        self._check_tags(data.get("tags") or [])
        if data.get("access") == WITH_PASSWORD and len(data.get("user_names") or ()) > MOST_PASSWORDS:
            self.add_error(
                "access",
                ngettext(
                    "Give at most %(n)d user a generated password at once. An invitation has no such limit.",
                    "Give at most %(n)d users a generated password at once. An invitation has no such limit.",
                    MOST_PASSWORDS,
                )
                % {"n": MOST_PASSWORDS},
            )
        return data

    def count_groups(self, of_all: list[str]) -> None:
        """Those of a line and those of all, also of a user whose permissions are copied, must fit the quota together."""
        most = quota("GroupsPerUserQuota")
        sentence = ngettext(
            "Line %(number)d: %(name)s would be in more than %(most)d group.",
            "Line %(number)d: %(name)s would be in more than %(most)d groups.",
            most,
        )
        self._refuse(
            sentence % {"number": row.number, "name": row.name, "most": most}
            for row in self.rows
            if row.groups and len(groups_of(row, of_all)) > most
        )

    def _check_tags(self, of_all: list[dict[str, str]]) -> None:
        """What no user takes as tags is told at its line, before any is created."""
        self._refuse(
            _("Line %(number)d: %(name)s has tags that no user can have. %(why)s")
            % {"number": row.number, "name": row.name, "why": why}
            for row in self.rows
            if row.tags and not row.problem and (why := why_refused(tags_of(row, of_all)))
        )

    def _refuse(self, sentences: Iterable[str]) -> None:
        if found := list(islice(sentences, 20)):
            self.add_error("user_names", forms.ValidationError(found))
