"""The addresses of the simulator, of effective access, of comparing, and of refusals explained."""

from django.urls import path

from access.views import compare, decision, effective_access, managers, simulator, try_trust, why

app_name = "access"
urlpatterns = [
    path("simulator/", simulator.simulator, name="simulator"),
    path("simulator/decision/", decision.decision, name="decision"),
    path("simulator/principals/", simulator.principals, name="simulator-principals"),
    path("simulator/actions/", simulator.actions, name="simulator-actions"),
    path("compare/", compare.compare, name="compare"),
    path("compare/users/", compare.compare_selected, {"kind": "user"}, name="compare-users"),
    path("compare/groups/", compare.compare_selected, {"kind": "group"}, name="compare-groups"),
    path("compare/roles/", compare.compare_selected, {"kind": "role"}, name="compare-roles"),
    path("users/<entity:name>/access/", effective_access.effective_access, {"kind": "user"}, name="user-access"),
    path("users/<entity:name>/managers/", managers.managers, name="user-managers"),
    path("groups/<entity:name>/access/", effective_access.effective_access, {"kind": "group"}, name="group-access"),
    path("roles/<entity:name>/access/", effective_access.effective_access, {"kind": "role"}, name="role-access"),
    path("roles/<entity:name>/trust/try/", try_trust.try_trust, name="role-try-trust"),
    path("why/<uuid:event_id>/", why.why, name="why"),
]
