"""A person's API tokens: issued, shown once, revoked."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from reqplatform.errors import InvalidInput
from reqplatform.teams.actions.tokens import issue_token, revoke_token
from reqplatform.teams.models import ApiToken
from reqplatform.teams.views.access import MemberRequest, signed_in


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=80, help_text="What will use it, such as 'CI of the navigation team'."
    )
    days = forms.TypedChoiceField(
        label="Expires",
        coerce=int,
        choices=[(30, "in 30 days"), (90, "in 90 days"), (365, "in a year"), (0, "never")],
        initial=90,
    )


@never_cache  # the answer to a POST holds the token
@signed_in
def index(request: MemberRequest) -> HttpResponse:
    """The person's tokens; a POST issues one and shows it in its answer, the only time."""
    form = TokenForm(request.POST or None)
    token = None
    if request.method == "POST" and form.is_valid():
        try:
            _, token = _issue(request, form)
        except InvalidInput as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            form = TokenForm()
    tokens = ApiToken.objects.filter(user=request.user)
    return render(request, "teams/tokens.html", {"form": form, "token": token, "tokens": tokens})


def _issue(request: MemberRequest, form: TokenForm) -> tuple[ApiToken, str]:
    days = form.cleaned_data["days"]
    expires_at = timezone.now() + timedelta(days=days) if days else None
    return issue_token(request.user, form.cleaned_data["name"], expires_at=expires_at)


@require_POST
@signed_in
def revoke(request: MemberRequest, pk: int) -> HttpResponseBase:
    revoke_token(request.user, pk)
    messages.success(request, "The token is revoked. What uses it is refused from now on.")
    return redirect("teams:tokens")
