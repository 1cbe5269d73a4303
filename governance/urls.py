"""The addresses of governance, one list per noun. A policy is named by its ARN, as in policies.urls, which brings the converter."""

from django.urls import URLPattern, path

from governance.views import answering, asking, dashboard, last_accessed, requests
from policies import urls as _policy_urls  # noqa: F401 - registers <policy_arn:…>

app_name = "governance"

user_urls: list[URLPattern] = [
    path("users/<entity:name>/last-accessed/", last_accessed.of_holder, {"kind": "user"}, name="user-last-accessed"),
]
group_urls: list[URLPattern] = [
    path("groups/<entity:name>/last-accessed/", last_accessed.of_holder, {"kind": "group"}, name="group-last-accessed"),
]
role_urls: list[URLPattern] = [
    path("roles/<entity:name>/last-accessed/", last_accessed.of_holder, {"kind": "role"}, name="role-last-accessed"),
]
policy_urls: list[URLPattern] = [
    path("policies/last-accessed/<policy_arn:arn>/", last_accessed.of_policy, name="policy-last-accessed"),
]
request_urls: list[URLPattern] = [
    path("request-access/", asking.start, name="request-access-start"),
    path("request-access/<uuid:event_id>/", asking.ask, name="request-access"),
    path("my-requests/", asking.mine, name="my-requests"),
    path("requests/", requests.requests, name="requests"),
    path("requests/decline/", requests.decline_many, name="requests-decline"),
    path("requests/<slug:request_id>/", requests.one, name="request"),
    path("requests/<slug:request_id>/grant/", answering.granting, name="request-grant"),
    path("requests/<slug:request_id>/decline/", answering.declining, name="request-decline"),
    path("requests/<slug:request_id>/withdraw/", asking.withdraw, name="request-withdraw"),
]

urlpatterns: list[URLPattern] = [
    path("", dashboard.dashboard, name="dashboard"),
    *user_urls,
    *group_urls,
    *role_urls,
    *policy_urls,
    *request_urls,
]
