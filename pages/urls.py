"""The pages' own addresses."""

from django.conf import settings
from django.urls import URLPattern, path

from pages.views import drafts, pick, preferences, saved_filters, search, topics, undo

app_name = "pages"
urlpatterns: list[URLPattern] = [
    path("search/", search.find, name="search"),
    path("pick/<slug:key>/", pick.pick, name="pick"),
    path("help/<slug:topic>/", topics.read, name="help"),
    path("undo/", undo.take_back, name="undo"),
    path("drafts/", drafts.keep, name="draft"),
    path("drafts/discard/", drafts.discard, name="discard-draft"),
    path("preferences/", preferences.save_appearance, name="preferences"),
    path("preferences/lists/<str:key>/", preferences.save_list, name="list-preferences"),
    path("preferences/lists/<str:key>/filters/", saved_filters.save_filter, name="saved-filters"),
]
if settings.DEBUG:
    from pages.views import design

    urlpatterns += design.urlpatterns
