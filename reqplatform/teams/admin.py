"""The admin of people, projects and who is a member of what."""

from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminTextInputWidget

from reqplatform.teams.actions.archiving import archive_project, restore_project
from reqplatform.teams.actions.members import add_member, change_role, remove_member
from reqplatform.teams.actions.projects import create_project
from reqplatform.teams.actions.tokens import revoke_token
from reqplatform.teams.admin_base import (
    RecordAdmin,
    RecordInline,
    ScopedRelatedFilter,
    SuperuserOnly,
    TeamAdmin,
    changelist_link,
)
from reqplatform.teams.models import ApiToken, Membership, Project, Role, User

admin.site.unregister(Group)  # roles are memberships; groups decide nothing here
admin.site.unregister(EmailAddress)


@admin.register(EmailAddress)
class EmailAddressAdmin(SuperuserOnly, ModelAdmin):  # type: ignore[misc]
    list_display = ("email", "user", "primary", "verified")
    list_filter = ("primary", "verified")
    list_select_related = ("user",)
    search_fields = ("email", "user__username")
    autocomplete_fields = ("user",)


@admin.register(User)
class UserAdmin(SuperuserOnly, DjangoUserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]
    """People. Only superusers manage them; whoever leaves is made inactive, never deleted."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "display_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("username", "email", "first_name", "last_name")
    date_hierarchy = "date_joined"
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined", "memberships_link")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email", "memberships_link")}),
        ("May do", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("When", {"fields": ("last_login", "date_joined")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description="Member of")
    def memberships_link(self, person: User) -> str:
        number = person.memberships.count()
        return changelist_link(f"{number} projects", Membership, user__id=person.pk)


class MembershipInline(RecordInline):
    model = Membership
    fields = ("user", "role", "created_at")
    readonly_fields = fields
    verbose_name_plural = "Members"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        rows: QuerySet[Membership] = super().get_queryset(request).select_related("user")
        return rows


class ProjectForm(forms.ModelForm[Project]):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("description", 3), ("weights", 2)):
            if name in self.fields:  # whoever may only read has no fields
                self.fields[name].widget.attrs["rows"] = rows


@admin.register(Project)
class ProjectAdmin(TeamAdmin):
    """What holds for all runs of a project. Superusers add projects, owners configure them."""

    form = ProjectForm
    list_display = ("name", "slug", "members", "quality_threshold", "max_iterations", "archived_at")
    list_filter = (("archived_at", admin.EmptyFieldListFilter),)
    search_fields = ("name", "slug", "description")
    fixed_fields = ("slug",)
    readonly_fields = ("archived_at", "created_at")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (MembershipInline,)
    actions = ("archive", "restore")
    fieldsets = (
        (None, {"fields": ("name", "slug", "description")}),
        (
            "Defaults of its runs",
            {
                "fields": ("quality_threshold", "max_iterations", "weights"),
                "description": "A run pins these when it starts; a change holds for later runs.",
            },
        ),
        (
            "When models fail or cost too much",
            {"fields": ("embedded_fallback", "cheaper_route")},
        ),
        (
            "Reviews",
            {
                "fields": ("review_reminder_hours", "review_expiry_hours", "review_expiry"),
                "description": "A change holds at once, also for runs that wait.",
            },
        ),
        ("Retention", {"fields": ("prompt_days",)}),
        (
            "Calendar",
            {
                "fields": ("time_zone", "created_at", "archived_at"),
                "description": "Budgets of days and months begin at midnight in this time zone.",
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Project]:
        rows: QuerySet[Project] = super().get_queryset(request)
        return rows.annotate(member_count=Count("memberships"))

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> dict[str, tuple[str, ...]]:
        return {} if obj else dict(self.prepopulated_fields)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def save_model(self, request: HttpRequest, obj: Project, form: Any, change: bool) -> None:
        """A new project gets its first owner: whoever adds it."""
        if change:
            super().save_model(request, obj, form, change)
            return
        names = (
            "description",
            "quality_threshold",
            "max_iterations",
            "weights",
            "embedded_fallback",
            "cheaper_route",
            "review_reminder_hours",
            "review_expiry_hours",
            "review_expiry",
            "prompt_days",
            "time_zone",
        )
        made = create_project(
            slug=obj.slug,
            name=obj.name,
            owner=request.user,  # type: ignore[arg-type]
            values={name: getattr(obj, name) for name in names},
        )
        obj.pk = made.pk
        obj._state.adding = False

    @admin.display(description="Members", ordering="member_count")
    def members(self, project: Project) -> str:
        return changelist_link(
            str(project.member_count),  # type: ignore[attr-defined]
            Membership,
            project__id=project.pk,
        )

    @admin.action(description="Archive: make read only")
    def archive(self, request: HttpRequest, rows: QuerySet[Project]) -> None:
        self.apply(request, rows, lambda row: archive_project(_person(request), row), "archived")

    @admin.action(description="Restore from the archive")
    def restore(self, request: HttpRequest, rows: QuerySet[Project]) -> None:
        self.apply(request, rows, lambda row: restore_project(_person(request), row), "restored")


class MembershipForm(forms.ModelForm[Membership]):
    """A person is named, not picked: nobody learns from a list who else works here."""

    person = forms.CharField(
        label="User name or e-mail", max_length=254, widget=UnfoldAdminTextInputWidget
    )

    class Meta:
        model = Membership
        fields = ("project", "role")

    def clean_person(self) -> User:
        name = str(self.cleaned_data["person"]).strip()
        people = User.objects.filter(is_active=True)
        found = people.filter(username=name).first() or people.filter(email__iexact=name).first()
        if found is None:
            raise ValidationError(
                f"There is no active user “{name}”. Check the spelling, or ask an administrator "
                "to add the account."
            )
        return found

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        project, person = values.get("project"), values.get("person")
        if project and person and project.memberships.filter(user=person).exists():
            raise ValidationError(f"{person.display_name} is a member of {project.name} already.")
        return values


@admin.register(Membership)
class MembershipAdmin(TeamAdmin):
    list_display = ("user", "project", "role", "created_at")
    list_display_links = ("user",)
    list_filter = ("role", ("project", ScopedRelatedFilter))
    search_fields = ("user__username", "user__email", "project__name")
    list_select_related = ("user", "project")
    fixed_fields = ("project", "user")
    readonly_fields = ("created_at",)
    fields = ("project", "user", "role", "created_at")
    add_fieldsets = ((None, {"fields": ("project", "person", "role")}),)
    deletable = True

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Membership]]:
        if obj is None:
            kwargs["form"] = MembershipForm
        form: type[forms.ModelForm[Membership]] = super().get_form(request, obj, change, **kwargs)
        return form

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        role = Role(obj.role)
        if change:
            change_role(_person(request), obj, role)
            return
        made = add_member(_person(request), obj.project, form.cleaned_data["person"], role)
        obj.pk, obj.user = made.pk, made.user
        obj._state.adding = False

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        remove_member(_person(request), obj)


@admin.register(ApiToken)
class ApiTokenAdmin(RecordAdmin):
    """Everybody's own tokens; all of them for superusers. They are issued on the token page."""

    list_display = ("name", "user", "prefix", "created_at", "expires_at", "last_used_at", "usable")
    list_filter = (
        ("revoked_at", admin.EmptyFieldListFilter),
        ("expires_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("name", "prefix", "user__username")
    list_select_related = ("user",)
    fields = ("name", "user", "prefix", "created_at", "expires_at", "last_used_at", "revoked_at")
    actions = ("revoke",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        rows = ApiToken.objects.defer("digest").order_by("-created_at")
        return rows if request.user.is_superuser else rows.filter(user=_person(request))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        mine = not isinstance(obj, ApiToken) or obj.user_id == request.user.pk
        return self.has_module_permission(request) and (mine or bool(request.user.is_superuser))

    @admin.display(boolean=True, description="Usable")
    def usable(self, token: ApiToken) -> bool:
        return token.is_usable

    @admin.action(description="Revoke")
    def revoke(self, request: HttpRequest, rows: QuerySet[ApiToken]) -> None:
        self.apply(request, rows, lambda row: revoke_token(row.user, row.pk), "revoked")


def _person(request: HttpRequest) -> User:
    """Who is signed in; the admin lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user
