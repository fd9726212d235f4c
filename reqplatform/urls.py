"""All addresses: the only place, with api.py, that may import every room."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from observability.metrics.views import metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("metrics", metrics, name="metrics"),
]
for room in ("runs.urls", "skills.urls", "reqplatform.teams.urls"):  # until all rooms stand
    if find_spec(room):
        urlpatterns.append(path("", include(room)))
if find_spec("reqplatform.api"):
    from reqplatform.api import api

    urlpatterns.append(path("api/v1/", api.urls))
