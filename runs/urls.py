"""The addresses of the pages about specifications, subsystems and runs."""

from django.urls import path

from runs.views import (
    alerts,
    dismissals,
    home,
    langsmith,
    limits,
    projects,
    results,
    review,
    runs,
    sources,
    specifications,
    subsystems,
    unconfirmed,
)

app_name = "runs"

urlpatterns = [
    path("", home.home, name="home"),
    path("projects/<slug:slug>/", projects.project, name="project"),
    path("alerts/<int:pk>/acknowledge", alerts.see_to, name="acknowledge"),
    path("projects/<slug:slug>/specifications/", specifications.index, name="specifications"),
    path("projects/<slug:slug>/specifications/new", specifications.upload, name="upload"),
    path("specifications/<uuid:pk>/", specifications.detail, name="specification"),
    path("revisions/<uuid:pk>/download", specifications.download, name="download"),
    path("source-requirements/<int:pk>/", sources.detail, name="source"),
    path("projects/<slug:slug>/budgets/", limits.index, name="budgets"),
    path("projects/<slug:slug>/budgets/<str:scope>/", limits.budget, name="budget"),
    path("budget-accounts/<int:pk>/", limits.account, name="account"),
    path("calls/<uuid:pk>/settle", unconfirmed.settle, name="settle"),
    path("projects/<slug:slug>/subsystems/", subsystems.index, name="subsystems"),
    path("projects/<slug:slug>/subsystems/new", subsystems.add, name="subsystem_add"),
    path("projects/<slug:slug>/subsystems/<str:code>/", subsystems.edit, name="subsystem_edit"),
    path("projects/<slug:slug>/runs/new", runs.new, name="run_new"),
    path("runs/<uuid:pk>/", runs.detail, name="run"),
    path("runs/<uuid:pk>/events", runs.events, name="events"),
    path("runs/<uuid:pk>/langsmith", langsmith.traces, name="langsmith"),
    path("runs/<uuid:pk>/cancel", runs.cancel, name="cancel"),
    path("runs/<uuid:pk>/resume", runs.resume, name="resume"),
    path("runs/<uuid:pk>/review", review.decide, name="review"),
    path("runs/<uuid:pk>/requirements", results.requirements, name="requirements"),
    path("runs/<uuid:pk>/trace", results.trace, name="trace"),
    path("runs/<uuid:pk>/quality", results.quality, name="quality"),
    path("runs/<uuid:pk>/issues", results.issues, name="issues"),
    path("issues/<int:pk>/dismiss", dismissals.new, name="dismiss"),
    path("projects/<slug:slug>/dismissals/", dismissals.index, name="dismissals"),
    path("dismissals/<int:pk>/withdraw", dismissals.take_back, name="withdraw"),
    path("runs/<uuid:pk>/files", results.files, name="files"),
    path("runs/<uuid:pk>/files/<str:name>", results.file, name="file"),
]
