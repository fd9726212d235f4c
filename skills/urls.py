"""The addresses of the pages about a project's methods."""

from django.urls import path

from skills.views import activation, comparison, domain, drafts, overview

app_name = "skills"

SKILL = "projects/<slug:slug>/skills/<slug:skill>"
VERSION = f"{SKILL}/versions/<int:pk>"

urlpatterns = [
    path("projects/<slug:slug>/skills/", overview.index, name="list"),
    path("projects/<slug:slug>/domain/", domain.show, name="domain"),
    path("projects/<slug:slug>/domain/edit", domain.edit, name="domain_edit"),
    path(f"{SKILL}/", overview.detail, name="detail"),
    path(f"{SKILL}/diff", comparison.diff, name="diff"),
    path(f"{SKILL}/drafts", drafts.start, name="new_draft"),
    path(f"{SKILL}/use-library", activation.library, name="use_library"),
    path(f"{VERSION}/", overview.version, name="version"),
    path(f"{VERSION}/edit", drafts.edit, name="edit"),
    path(f"{VERSION}/preview", drafts.preview, name="preview"),
    path(f"{VERSION}/discard", drafts.discard, name="discard"),
    path(f"{VERSION}/activate", activation.activate, name="activate"),
]
