"""The base of every admin: staff see the rows of their projects, owners change what is meant to be.

Django's own model permissions play no part: who may do what is said by the membership, here as
everywhere. Three kinds of admin build on this: `TeamAdmin` for what leads configure, `RecordAdmin`
for what the system writes down, `SettingAdmin` for what belongs to no project.
"""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.filters import RelatedFieldListFilter
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline

from reqplatform.errors import ActionError
from reqplatform.pagination import CappedPaginator
from reqplatform.teams.models import Project, Role
from reqplatform.teams.permissions import has_role, role_of


def owned_projects(user: Any) -> models.QuerySet[Project]:
    """The active projects whose rows `user` may change in the admin: those they own."""
    rows: models.QuerySet[Project] = Project.objects.for_user(user).filter(archived_at=None)
    if user.is_superuser:
        return rows
    return rows.filter(memberships__user=user, memberships__role=Role.OWNER)


def visible_rows(model: type[models.Model], user: Any) -> models.QuerySet[Any]:
    """What `user` may see of a model; all of it, if it belongs to no project."""
    manager: Any = model._default_manager
    if hasattr(manager, "for_user"):
        rows: models.QuerySet[Any] = manager.for_user(user)
        return rows
    everything: models.QuerySet[Any] = manager.all()
    return everything


def project_of(row: models.Model, path: str) -> Project | None:
    """The project at the end of a lookup path such as `run__project`; None for library rows."""
    if path == "pk":
        return row  # type: ignore[return-value]  # the project itself
    found: Any = row
    for part in path.split("__"):
        found = getattr(found, part) if found is not None else None
    return found  # type: ignore[no-any-return]


def changelist_link(text: str, model: type[models.Model], **filters: Any) -> SafeString:
    """A link to the admin's list of `model`, filtered: `changelist_link("12", Run, project=p)`."""
    meta = model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    query = urlencode({f"{name}__exact": value for name, value in filters.items()})
    return format_html('<a class="text-link" href="{}?{}">{}</a>', address, query, text)


class ScopedRelatedFilter(RelatedFieldListFilter):
    """A filter by a foreign key that offers only what the person may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        rows = visible_rows(field.remote_field.model, request.user)
        related = model_admin.admin_site._registry.get(field.remote_field.model)
        joins = getattr(related, "list_select_related", ()) or ()
        return [(str(row.pk), str(row)) for row in rows.select_related(*joins)]


class ScopedChoices:
    """Foreign keys of a form offer only rows that the person may see, or may add to."""

    model: type[models.Model]
    admin_site: Any

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        kwargs.setdefault("queryset", self._choices(db_field, request))
        return super().formfield_for_foreignkey(  # type: ignore[misc]
            db_field, request, **kwargs
        )

    def _choices(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest
    ) -> models.QuerySet[Any]:
        target: Any = db_field.remote_field.model
        rows = visible_rows(target, request.user)
        path = getattr(self.model, "project_path", "")
        if path.split("__")[0] == db_field.name:  # it decides which project the row joins
            project = target.project_path if target is not Project else "pk"
            if not (request.user.is_superuser and target is not Project):
                rows = rows.filter(**{f"{project}__in": owned_projects(request.user)})
        related = self.admin_site._registry.get(target)
        return rows.select_related(*(getattr(related, "list_select_related", ()) or ()))


class TeamAdmin(ScopedChoices, ModelAdmin):  # type: ignore[misc]
    """Rows of a project: members who are staff read them, owners and superusers change them.

    `fixed_fields` can be given when a row is added and never after: what ties it to its project.
    Rows of an archived project are read only. Nothing can be deleted unless a subclass sets
    `deletable`.
    """

    project_path = ""  # the model's own, unless the model has none
    fixed_fields: tuple[str, ...] = ()
    deletable = False
    list_select_related: tuple[str, ...] = ()
    list_per_page = 30
    show_full_result_count = False
    paginator = CappedPaginator

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = visible_rows(self.model, request.user)
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", None) or {}
        if "cl" in shown and getattr(shown["cl"].paginator, "is_capped", False):
            self.message_user(
                request,
                f"These are the first {CappedPaginator.CAP:,} rows: filter or search for others.",
                messages.INFO,
            )
        return response

    def project_of(self, row: models.Model) -> Project | None:
        path = self.project_path or self.model.project_path  # type: ignore[attr-defined]
        return project_of(row, path)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_staff(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        if not _is_staff(request):
            return False
        project = self.project_of(obj) if obj is not None else None
        return project is None or role_of(request.user, project) is not None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _owns_something(request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        if obj is None:
            return _owns_something(request)
        project = self.project_of(obj)
        if not _is_staff(request) or project is None:
            return _is_superuser(request)
        return project.archived_at is None and has_role(request.user, project, Role.OWNER)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.deletable and self.has_change_permission(request, obj)

    def get_readonly_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> tuple[str, ...]:
        fixed = self.fixed_fields if obj is not None else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form; what an action refuses is told like any other message."""
        try:
            response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except ActionError as refusal:
            return self._refused(request, refusal)
        return response

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().delete_view(request, *args, **kwargs)
        except ActionError as refusal:
            return self._refused(request, refusal)
        return response

    def _refused(self, request: HttpRequest, refusal: ActionError) -> HttpResponse:
        self.message_user(request, refusal.message, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without Django's "delete selected", which would pass by the actions that rows need."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def apply(
        self,
        request: HttpRequest,
        rows: Iterable[Any],
        act: Callable[[Any], object],
        done: str,
    ) -> None:
        """Do `act` to each row; tell how many are `done` ("cancelled") and why others are not."""
        good = 0
        for row in rows:
            try:
                act(row)
            except ActionError as refusal:
                self.message_user(request, f"{row}: {refusal.message}", messages.WARNING)
            else:
                good += 1
        if good:
            self.message_user(request, f"{good} {done}.", messages.SUCCESS)


class RecordAdmin(TeamAdmin):
    """Rows that the system writes and nobody changes: no adding, changing or deleting here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class SettingAdmin(TeamAdmin):
    """Rows of the whole installation: superusers change them, staff read them."""

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return _is_staff(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return _is_superuser(request)


class SuperuserOnly:
    """For admins of other packages' rows, which know no projects: superusers, nobody else."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return _is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request) and super().has_add_permission(request)  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return _is_superuser(request)


class RecordInline(TabularInline):  # type: ignore[misc]
    """Rows below their parent's form, to read. Whoever sees the parent sees them."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return _is_staff(request)


def _is_staff(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_staff)


def _owns_something(request: HttpRequest) -> bool:
    """Whether the person owns any project; asked for every model of a page, looked up once."""
    if not _is_staff(request):
        return False
    if not hasattr(request, "owns_something"):
        owns = request.user.is_superuser or owned_projects(request.user).exists()
        request.owns_something = owns  # type: ignore[attr-defined]
    return bool(request.owns_something)  # type: ignore[attr-defined]


def _is_superuser(request: HttpRequest) -> bool:
    return bool(_is_staff(request) and request.user.is_superuser)
