"""The addresses of federation: acting as roles."""

from django.urls import path
from django.views.generic import RedirectView

from federation.views import group_roles, role_use, switch_role, temporary_credentials

app_name = "federation"
urlpatterns = [
    path("switch-role/", switch_role.switch_role, name="switch-role"),
    path("switch-role/back/", switch_role.switch_back, name="switch-back"),
    path("switch-role/again/", switch_role.switch_again, name="switch-again"),
    path("session/role/", switch_role.role_end, name="role-end"),
    path("switchrole", RedirectView.as_view(pattern_name="federation:switch-role", query_string=True)),  # AWS's links
    path(
        "security-credentials/temporary/revoke/", temporary_credentials.revoke, name="revoke-own-temporary-credentials"
    ),
    path(
        "users/<entity:user_name>/security-credentials/temporary/revoke/",
        temporary_credentials.revoke,
        name="revoke-temporary-credentials",
    ),
    path("groups/<entity:name>/roles/", group_roles.roles, name="group-roles"),
    path("groups/<entity:name>/roles/add/", group_roles.add_roles, name="group-add-roles"),
    path("groups/<entity:name>/roles/remove/", group_roles.remove_role, name="group-remove-role"),
    path("groups/<entity:name>/roles/<entity:role_name>/mend/", group_roles.mend_trust, name="group-mend"),
    path("roles/<entity:name>/live-sessions/", role_use.sessions, name="role-sessions"),
    path("roles/<entity:name>/live-sessions/revoke-chosen/", role_use.revoke_many, name="role-revoke-sessions"),
    path("roles/<entity:name>/live-sessions/revoke/", role_use.revoke, name="role-revoke-session"),
    path("roles/<entity:name>/who-can-assume/", role_use.who_can_assume, name="role-who-can-assume"),
]
