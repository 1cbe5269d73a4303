"""Forms of other pages that ask for a fresh factor: those by which somebody is given administrator access.

Which pages save documents and attachments is listed here, where everything is wired; the pages themselves know nothing of it.
"""

from access.administrator import document_gives_all, policies_give_all, user_has_all, version_gives_all
from accounts.page_request import PageRequest

KINDS = ("user", "group", "role")
INLINE = {f"accounts:{kind}-{page}" for kind in KINDS for page in ("inline", "inline-create")}
ATTACH = {f"accounts:{kind}-attach" for kind in KINDS}
CREATE = {f"accounts:{kind}-create" for kind in KINDS}

GROUP = "accounts:group-create"  # has no review, and a side panel whose fields bear a prefix


def gives_administrator_access(request: PageRequest) -> bool:
    """Whether a submitted form, as it stands, would give somebody administrator access. A review saves nothing and asks nothing."""
    match, form = request.resolver_match, request.POST
    if match is None:
        return False
    name, account_id = match.view_name, request.caller.account_id
    if (
        name in INLINE
        or (name == "policies:create" and "create" in form)
        or (name == "policies:edit" and "review" not in form)
    ):
        return any(document_gives_all(document) for document in form.getlist("policy_document"))
    if name in ATTACH:
        return policies_give_all(account_id, form.getlist("policy_arn"))
    if name == "policies:attach" and "attach" in form:
        return policies_give_all(account_id, [match.kwargs["arn"]])
    if name == "policies:set-default":
        return version_gives_all(account_id, match.kwargs["arn"], form.get("version_id", ""))
    if name in CREATE and (name == GROUP or "create" in form):
        fields = ("policies", "new-group-policies") if name == GROUP else ("policies",)
        typed = " ".join(" ".join(form.getlist(field)) for field in fields)
        copied = form.get("copy_from", "").strip() if name == "accounts:user-create" else ""
        return policies_give_all(account_id, typed.replace(",", " ").split()) or (
            bool(copied) and user_has_all(account_id, copied)
        )
    return False
