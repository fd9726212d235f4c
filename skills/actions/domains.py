"""Writing a project's domain, and putting it in or out of use."""

from django.db import transaction

from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require
from skills import domain as domains
from skills.models import Domain, DomainVersion


def save_domain(
    user: User | None, project: Project, text: str, changelog: str = "", *, seen: int | None = None
) -> DomainVersion:
    """A new version of the project's domain, in use for runs that start from now on. Owners.

    `seen` is the number of the version that the author changed, 0 if there was none; without it
    nothing is compared. A text that says what the newest version says adds none. Raises
    InvalidInput with every mistake and its line, and Conflict if somebody was first.
    """
    require(user, project, Role.OWNER)
    tidy = text.replace("\r\n", "\n").strip() + "\n"
    try:
        content = domains.parse(tidy)
    except domains.DomainTextError as error:
        raise InvalidInput(str(error), field="text", code="domain_not_readable") from error
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        domain, _ = Domain.objects.get_or_create(project=project)
        newest: DomainVersion | None = domain.versions.order_by("-number").first()
        number = newest.number if newest else 0
        if seen is not None and seen != number:
            raise Conflict(
                f"The domain has been changed since you opened it: version {number} is the newest, "
                f"yours began from version {seen}. Open it again and put your change in."
            )
        if newest is not None and newest.text == tidy:
            return newest
        version: DomainVersion = DomainVersion.objects.create(
            domain=domain,
            number=number + 1,
            text=tidy,
            content=content.model_dump(mode="json"),
            changelog=changelog[:300],
            author=user,
        )
    return version


def use_domain(user: User | None, domain: Domain, *, enabled: bool) -> None:
    """Whether runs that start from now on follow the domain. Owners."""
    require(user, domain.project, Role.OWNER)
    Domain.objects.filter(pk=domain.pk).update(enabled=enabled)
    domain.enabled = enabled
