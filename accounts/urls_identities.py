"""The addresses of users and groups."""

from django.urls import URLPattern, path

from accounts.views import (
    boundary,
    bounding,
    containing,
    create_user,
    demanding,
    disabling,
    expiring,
    groups,
    history,
    inline_consequences,
    joining,
    membership_rule,
    permissions,
    renaming,
    tagging,
    taking,
    user,
    users,
)

USER, GROUP = {"kind": "user"}, {"kind": "group"}


def holder_urls(kind: str, base: str) -> list[URLPattern]:
    """The pages that users, groups and roles have alike: attaching, inline policies."""
    given = {"kind": kind}
    return [
        path(f"{base}/history/", history.history, given, name=f"{kind}-history"),
        path(f"{base}/history/restore/<uuid:event_id>/", history.restore, given, name=f"{kind}-restore"),
        path(f"{base}/attach/", permissions.attach, given, name=f"{kind}-attach"),
        path(f"{base}/detach/", permissions.detach, given, name=f"{kind}-detach"),
        path(f"{base}/remove-policies/", taking.take, given, name=f"{kind}-remove-policies"),
        path(f"{base}/inline/", permissions.edit_inline, given, name=f"{kind}-inline-create"),
        path(
            f"{base}/inline-consequences/", inline_consequences.consequences, given, name=f"{kind}-inline-consequences"
        ),
        path(f"{base}/inline-delete/", permissions.delete_inline, given, name=f"{kind}-inline-delete"),
        path(f"{base}/inline/<str:policy_name>/", permissions.edit_inline, given, name=f"{kind}-inline"),
    ]


user_urls: list[URLPattern] = [
    path("users/", users.users, name="users"),
    path("users/create/", create_user.create, name="user-create"),
    path("users/delete/", users.delete_many, name="users-delete"),
    path("users/add-to-group/", joining.add_many_to_group, name="users-add-to-group"),
    path("users/contain/", containing.contain_many, name="users-contain"),
    path("users/disable/", disabling.disable_many, name="users-disable"),
    path("users/deactivate-keys/", expiring.expire_many, name="users-deactivate-keys"),
    path("users/require-password/", demanding.demand_many, name="users-require-password"),
    path("users/tag/", tagging.tag, USER, name="users-tag"),
    path("users/set-boundary/", bounding.set_many, USER, name="users-set-boundary"),
    path("users/remove-boundary/", bounding.remove_many, USER, name="users-remove-boundary"),
    path("users/<entity:name>/", user.permissions, name="user"),
    path("users/<entity:name>/groups/", user.groups, name="user-groups"),
    path("users/<entity:name>/groups/leave/", user.leave_group, name="user-leave-group"),
    path("users/<entity:name>/tags/", permissions.tags, USER, name="user-tags"),
    path("users/<entity:name>/activity/", user.activity, name="user-activity"),
    path("users/<entity:name>/boundary/", boundary.boundary, USER, name="user-boundary"),
    path("users/<entity:name>/rename/", renaming.rename, {"kind": "user"}, name="user-rename"),
    path("users/<entity:name>/disable/", disabling.disable, name="user-disable"),
    path("users/<entity:name>/delete/", user.delete, name="user-delete"),
    *holder_urls("user", "users/<entity:name>"),
]
group_urls: list[URLPattern] = [
    path("groups/", groups.groups, name="groups"),
    path("groups/create/", groups.create, name="group-create"),
    path("groups/delete/", groups.delete_many, name="groups-delete"),
    path("groups/<entity:name>/", groups.users, name="group"),
    path("groups/<entity:name>/add-users/", groups.add_users, name="group-add-users"),
    path("groups/<entity:name>/remove-users/", groups.remove_many, name="group-remove-users"),
    path("groups/<entity:name>/permissions/", groups.permissions, name="group-permissions"),
    path("groups/<entity:name>/rename/", renaming.rename, {"kind": "group"}, name="group-rename"),
    path("groups/<entity:name>/rule/", membership_rule.edit, name="group-rule"),
    path("groups/<entity:name>/rule/remove/", membership_rule.remove, name="group-remove-rule"),
    path("groups/<entity:name>/delete/", groups.delete, name="group-delete"),
    *holder_urls("group", "groups/<entity:name>"),
]
