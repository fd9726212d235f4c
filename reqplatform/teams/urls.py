"""The addresses of the pages about people: their tokens, and a project's members."""

from django.urls import path

from reqplatform.teams.views import members, tokens

app_name = "teams"

urlpatterns = [
    path("account/tokens/", tokens.index, name="tokens"),
    path("account/tokens/<int:pk>/revoke", tokens.revoke, name="token_revoke"),
    path("projects/<slug:slug>/members/", members.index, name="members"),
]
