"""The addresses of roles."""

from django.urls import URLPattern, path

from accounts.urls_identities import holder_urls
from accounts.views import boundary, bounding, permissions, roles, roles_create, roles_detail, roles_trust, tagging

ROLE = {"kind": "role"}

role_urls: list[URLPattern] = [
    path("roles/", roles.roles, name="roles"),
    path("roles/create/", roles_create.create, name="role-create"),
    path("roles/delete/", roles.delete_many, name="roles-delete"),
    path("roles/tag/", tagging.tag, ROLE, name="roles-tag"),
    path("roles/set-boundary/", bounding.set_many, ROLE, name="roles-set-boundary"),
    path("roles/remove-boundary/", bounding.remove_many, ROLE, name="roles-remove-boundary"),
    path("roles/<entity:name>/", roles_detail.permissions, name="role"),
    path("roles/<entity:name>/trust/", roles_trust.trust_relationships, name="role-trust"),
    path("roles/<entity:name>/tags/", permissions.tags, ROLE, name="role-tags"),
    path("roles/<entity:name>/sessions/", roles_detail.sessions, name="role-sessions"),
    path("roles/<entity:name>/boundary/", boundary.boundary, ROLE, name="role-boundary"),
    path("roles/<entity:name>/edit/", roles_detail.edit, name="role-edit"),
    path("roles/<entity:name>/delete/", roles_detail.delete, name="role-delete"),
    *holder_urls("role", "roles/<entity:name>"),
]
