"""The form of a draft: its method, its changelog, and one field for each of its parameters."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, cast, get_args, get_origin

from django import forms
from django.http import QueryDict
from pydantic.fields import FieldInfo

from skills import parameters
from skills.actions.drafts import Draft
from skills.lint import MAX_CHANGELOG
from skills.models import SkillVersion


class TermsField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def to_python(self, value: Any) -> Any:
        lines = str(value or "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def run_validators(self, value: Any) -> None:
        """Pydantic checks the terms."""


class DraftForm(forms.Form):
    """`seen` comes back as it was sent out: the fingerprint of the draft that was edited."""

    seen = forms.CharField(widget=forms.HiddenInput)
    changelog = forms.CharField(
        label="Changelog",
        max_length=MAX_CHANGELOG,
        required=False,
        help_text="What this version changes and why. Needed before it can be activated.",
    )

    def __init__(self, version: SkillVersion, posted: Any = None) -> None:
        names = parameters.SCHEMAS[version.skill.slug].model_fields
        stored = parameters.with_defaults(version.skill.slug, version.parameters)
        super().__init__(
            posted,
            initial={
                "seen": version.fingerprint,
                "changelog": version.changelog,
                "body": version.body,
                **stored,
            },
        )
        self.parameter_names = tuple(names)
        for name, info in names.items():
            self.fields[name] = _field(name, info)
        self.fields["body"] = forms.CharField(
            label="Method",
            strip=False,
            widget=forms.Textarea(
                attrs={"rows": 24, "class": "skill-source", "spellcheck": "true"}
            ),
            help_text="In Markdown. It is the model's instruction, beside the request in JSON; "
            "the embedded analyst reads only the parameters above.",
        )

    def draft(self) -> Draft:
        """What was typed."""
        typed = self.cleaned_data
        return Draft(
            parameters={name: typed[name] for name in self.parameter_names},
            body=typed["body"],
            changelog=typed["changelog"],
        )

    def accept_overwriting(self, version: SkillVersion) -> None:
        """After a conflict that the form shows: saving again is meant."""
        posted = cast(QueryDict, self.data).copy()
        posted["seen"] = version.fingerprint
        self.data = posted


def _field(name: str, info: FieldInfo) -> forms.Field:
    common: dict[str, Any] = {
        "label": parameters.label(name),
        "help_text": info.description or "",
    }
    kind: Any = info.annotation
    make = _MAKERS.get(get_origin(kind) or kind)
    if make is None:
        raise TypeError(f"There is no form field for the parameter {name} of type {kind}.")
    return make(kind, info, common)


def _switch(kind: Any, info: FieldInfo, common: dict[str, Any]) -> forms.Field:
    return forms.BooleanField(required=False, **common)


def _whole(kind: Any, info: FieldInfo, common: dict[str, Any]) -> forms.Field:
    return forms.IntegerField(min_value=_bound(info, "ge"), max_value=_bound(info, "le"), **common)


def _number(kind: Any, info: FieldInfo, common: dict[str, Any]) -> forms.Field:
    return forms.FloatField(
        min_value=_bound(info, "ge"), max_value=_bound(info, "le"), step_size=0.01, **common
    )


def _choice(kind: Any, info: FieldInfo, common: dict[str, Any]) -> forms.Field:
    return forms.ChoiceField(choices=[(word, word) for word in get_args(kind)], **common)


def _list(kind: Any, info: FieldInfo, common: dict[str, Any]) -> forms.Field:
    (item,) = get_args(kind)
    required = bool(_bound(info, "min_length"))
    if get_origin(item) is Literal:
        return forms.MultipleChoiceField(
            choices=[(word, word) for word in get_args(item)],
            widget=forms.CheckboxSelectMultiple,
            required=required,
            **common,
        )
    assert get_origin(item) is Annotated, item
    return TermsField(required=required, **common)


_MAKERS: dict[Any, Callable[[Any, FieldInfo, dict[str, Any]], forms.Field]] = {
    bool: _switch,
    int: _whole,
    float: _number,
    Literal: _choice,
    list: _list,
}


def _bound(info: FieldInfo, name: str) -> Any:
    """The bound "ge", "le" or "min_length" of a field, None if it has none."""
    found = (getattr(item, name, None) for item in info.metadata)
    return next((value for value in found if value is not None), None)
