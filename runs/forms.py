"""What people type into pages. Forms check the shape of input; actions decide."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.functional import cached_property

from observability.llm.choosing import choosable
from observability.models import Budget, BudgetWindow, ModelProfile
from observability.money import plain_usd, to_nusd
from reqplatform.amounts import MOST_USD
from reqplatform.errors import ActionError
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import has_role
from runs.actions.campaigns import NAME_LIMIT
from runs.actions.dismissals import REASON_LIMIT
from runs.actions.review import FEEDBACK_LIMIT
from runs.actions.start import GROUP_LIMIT, RunOptions
from runs.actions.subsystems import in_capitals
from runs.documents import SUPPORTED_EXTENSIONS
from runs.models import Decision, QualityIssue, Revision, RunStatus, Subsystem
from runs.models.quality_issue import SEVERITY_CHOICES, IssueSource
from runs.requests import RequirementType
from runs.templatetags.display import threshold


def show_refusal(form: forms.BaseForm, refusal: ActionError) -> None:
    """Put an action's refusal beside the field it is about, or above the form."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)


class SpecificationForm(forms.Form):
    """A file, and the specification of which it is a revision."""

    file = forms.FileField(
        label="File",
        help_text=f"{', '.join(SUPPORTED_EXTENSIONS)}; "
        f"up to {settings.SPECIFICATION_MAX_BYTES // 1024**2} MB and 2,000 pages.",
        widget=forms.FileInput(attrs={"accept": ",".join(SUPPORTED_EXTENSIONS)}),
        allow_empty_file=True,  # the parser's sentence says what to do about it
    )
    title = forms.CharField(
        label="Title",
        max_length=200,
        required=False,
        help_text="Left empty, the file's name. The title of a specification that the project has "
        "already adds a revision to it.",
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        most = settings.SPECIFICATION_MAX_BYTES
        if file.size is not None and file.size > most:
            raise forms.ValidationError(
                f"The file has {filesizeformat(file.size)}; at most {filesizeformat(most)} can be "
                "read. Split it, or save it without its pictures.",
                code="too_large",
            )
        return file


class SubsystemForm(forms.ModelForm[Subsystem]):
    keywords = forms.CharField(
        required=False,
        help_text="Words of the specification that point to it, separated by commas.",
    )

    class Meta:
        model = Subsystem
        fields = ["code", "name", "description", "interfaces", "keywords"]
        widgets = {
            "description": forms.Textarea(attrs={"rows": 3}),
            "interfaces": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["keywords"] = ", ".join(self.instance.keywords)
        self.fields["code"].widget.attrs.update(autocapitalize="characters", spellcheck="false")

    def clean_code(self) -> str:
        return in_capitals(str(self.cleaned_data["code"]))

    def clean_keywords(self) -> list[str]:
        words = str(self.cleaned_data["keywords"]).split(",")
        return [word.strip() for word in words if word.strip()]

    def _post_clean(self) -> None:
        """Set the instance's values; the action validates and saves it."""
        for name, value in self.cleaned_data.items():
            setattr(self.instance, name, value)


class RevisionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.specification.title}, r{obj.number} ({obj.filename})"


class ModelField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.key})"


class RunForm(forms.Form):
    revision = RevisionField(queryset=Revision.objects.none(), empty_label=None)
    subsystem = forms.ModelChoiceField(queryset=Subsystem.objects.none(), empty_label=None)
    model = ModelField(
        queryset=ModelProfile.objects.none(),
        required=False,
        empty_label="The project's routes",
        help_text="Which model every agent asks first. The project's routes say it for each agent.",
    )
    quality_threshold = forms.DecimalField(
        max_digits=4,
        decimal_places=3,
        widget=forms.NumberInput(attrs={"step": "0.01", "min": "0", "max": "1"}),
        help_text="The weighted score at which the result passes its gate, from 0 to 1.",
    )
    max_iterations = forms.IntegerField(
        label="Iterations at most",
        widget=forms.NumberInput(attrs={"min": "1", "max": "10"}),
        help_text="How often the result may be revised below the threshold, from 1 to 10.",
    )
    review_strategy = forms.BooleanField(
        label="Review the strategy before decomposition",
        required=False,
        help_text="The run waits for a person after the analysis.",
    )
    unattended = forms.BooleanField(
        label="Unattended",
        required=False,
        help_text="Below the threshold the run ends with the gate missed, instead of waiting for "
        "a review.",
    )
    group = forms.CharField(
        max_length=GROUP_LIMIT,
        required=False,
        help_text="Runs with the same name here share one budget, beside the one each of them has.",
    )

    def __init__(self, *args: Any, project: Project, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.revisions.queryset = (
            Revision.objects.for_user(user)
            .filter(specification__project=project)
            .select_related("specification")
            .order_by("specification__title", "-number")
        )
        self.subsystems.queryset = Subsystem.objects.for_user(user).filter(project=project)
        models: Any = self.fields["model"]
        models.queryset = ModelProfile.objects.filter(pk__in=[row.pk for row in choosable()])
        self.fields["quality_threshold"].initial = threshold(project.quality_threshold)
        self.fields["max_iterations"].initial = project.max_iterations

    @property
    def revisions(self) -> Any:
        return self.fields["revision"]

    @property
    def subsystems(self) -> Any:
        return self.fields["subsystem"]

    def options(self) -> RunOptions:
        chosen = self.cleaned_data
        return RunOptions(
            quality_threshold=chosen["quality_threshold"],
            max_iterations=chosen["max_iterations"],
            review_strategy=chosen["review_strategy"],
            unattended=chosen["unattended"],
            model=chosen["model"],
            group=chosen["group"],
        )


class CampaignForm(RunForm):
    """What the form of a run asks, for several subsystems; a limit is for owners."""

    subsystem = None  # type: ignore[assignment]
    name = forms.CharField(
        max_length=NAME_LIMIT, required=False, help_text="What lists call it; left empty, its id."
    )

    def __init__(self, *args: Any, project: Project, user: User, **kwargs: Any) -> None:
        super().__init__(*args, project=project, user=user, **kwargs)
        if has_role(user, project, Role.OWNER):
            self.fields["limit"] = _dollars(
                "Stop the campaign at, in US dollars",
                "For this campaign alone. Empty: what the project's budget for groups says.",
            )

    @cached_property
    def subsystems(self) -> Any:
        field: Any = forms.ModelMultipleChoiceField(
            queryset=Subsystem.objects.none(),
            widget=forms.CheckboxSelectMultiple,
            initial=lambda: list(field.queryset),
            help_text="Each of them gets a run of its own.",
            error_messages={"required": "Choose at least one subsystem."},
        )
        self.fields["subsystems"] = field
        return field

    @property
    def limit_nusd(self) -> int | None:
        return _nusd(self.cleaned_data.get("limit"))


class DollarsInput(forms.NumberInput):
    """Writes a small amount as people do: 0.000000001, not 1E-9."""

    def format_value(self, value: Any) -> Any:
        return f"{value:f}" if isinstance(value, Decimal) else super().format_value(value)


def _dollars(label: str, help_text: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_value=MOST_USD,
        decimal_places=9,
        widget=DollarsInput(attrs={"step": "any", "inputmode": "decimal"}),
        help_text=help_text,
    )


class LimitsForm(forms.Form):
    """The two limits of a budget or of one account, in dollars. Empty is no limit.

    The short form of a run's page names the stop alone, which it must then: the warning stays.
    """

    warn = _dollars("Warn at, in US dollars", "Empty: no warning.")
    stop = _dollars("Stop at, in US dollars", "Empty: no limit. 0: nothing may be spent.")

    def __init__(self, *args: Any, row: Budget | BudgetWindow, **kwargs: Any) -> None:
        limits = {"warn": row.warn_nusd, "stop": row.max_nusd}
        now = {name: plain_usd(nusd) for name, nusd in limits.items() if nusd is not None}
        super().__init__(*args, **{"initial": now, **kwargs})
        self.row = row
        if self.is_bound and "warn" not in self.data:
            del self.fields["warn"]
            self.fields["stop"].required = True

    def clean(self) -> dict[str, Any]:
        if "stop" not in self.data:  # not the same as empty, which is no limit
            self.add_error("stop", "Say where it stops; empty is no limit.")
        return super().clean() or self.cleaned_data

    def limits(self) -> dict[str, int | None]:
        """What was typed, as the actions take it: nano-USD."""
        typed = self.cleaned_data
        warn = _nusd(typed["warn"]) if "warn" in self.fields else self.row.warn_nusd
        return {"warn_nusd": warn, "max_nusd": _nusd(typed["stop"])}


def _nusd(usd: Decimal | None) -> int | None:
    return None if usd is None else to_nusd(usd)


class BillForm(forms.Form):
    """What the provider's bill says of a call whose outcome nobody knew."""

    said = forms.ChoiceField(
        label="What does the bill say?",
        choices=[
            ("billed", "It was billed, at the amount below"),
            ("not_billed", "It was not billed: the budgets get the money back"),
        ],
        widget=forms.RadioSelect,
        initial="billed",
    )
    amount = _dollars("Amount, in US dollars", "From the provider's bill or usage page.")

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        billed = typed.get("said") == "billed" and "amount" not in self.errors
        if billed and typed.get("amount") is None:
            self.add_error("amount", "Enter what the bill says; 0 if it lists the call at nothing.")
        return typed

    @property
    def amount_nusd(self) -> int | None:
        """None if it was not billed."""
        typed = self.cleaned_data
        return to_nusd(typed["amount"]) if typed["said"] == "billed" else None


class ReviewForm(forms.Form):
    decision = forms.ChoiceField(
        choices=[
            (Decision.APPROVED.value, "Approve"),
            (Decision.CHANGES.value, "Ask for changes"),
            (Decision.REJECTED.value, "Reject"),
        ]
    )
    feedback = forms.CharField(
        required=False,
        max_length=FEEDBACK_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What should change and why. Needed to ask for changes; it goes to the agent.",
    )


class DismissalForm(forms.Form):
    scope = forms.ChoiceField(
        label="What is no fault here?", widget=forms.RadioSelect, initial="term", choices=[]
    )
    reason = forms.CharField(
        max_length=REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Why it is no fault in this project. Others will read it.",
    )

    def __init__(self, *args: Any, issue: QualityIssue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whole = ("rule", f"The rule {issue.rule}: its findings matter less in this project")
        words = ("term", f"These words: “{issue.quote}” is clear to everyone in this project")
        scope: Any = self.fields["scope"]
        scope.choices = [words, whole] if issue.quote else [whole]
        if not issue.quote:
            scope.initial = "rule"

    @property
    def whole_rule(self) -> bool:
        return bool(self.cleaned_data["scope"] == "rule")


def _any(label: str, choices: Any) -> list[tuple[str, str]]:
    return [("", label), *((str(value), str(text)) for value, text in choices)]


class FilterForm(forms.Form):
    """Filters in an address. A value that isn't among the choices filters nothing."""

    def chosen(self, name: str) -> str:
        self.is_valid()
        return str(self.cleaned_data.get(name) or "")


class RunFilter(FilterForm):
    status = forms.ChoiceField(required=False, choices=_any("Any status", RunStatus.choices))
    subsystem = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, subsystems: list[Subsystem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["subsystem"]
        field.choices = _any("Any subsystem", [(one.pk, one) for one in subsystems])


class RequirementFilter(FilterForm):
    type = forms.ChoiceField(
        required=False, choices=_any("Any type", [(kind, kind) for kind in RequirementType])
    )
    text = forms.CharField(required=False, max_length=200, label="Text or identifier")


class IssueFilter(FilterForm):
    severity = forms.ChoiceField(required=False, choices=_any("Any severity", SEVERITY_CHOICES))
    source = forms.ChoiceField(required=False, choices=_any("Rules and judge", IssueSource.choices))
    rule = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, rules: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["rule"]
        field.choices = _any("Any rule", [(rule, rule) for rule in rules])
