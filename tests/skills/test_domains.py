"""A project's domain: who writes it, what becomes of its versions, and its pages in the admin."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from reqplatform.errors import Conflict, InvalidInput, NotAllowed, NotFound
from reqplatform.teams.models import User
from skills.actions.domains import save_domain, use_domain
from skills.models import Domain, DomainVersion
from skills.registry import domain_in_use
from tests.conftest import World
from tests.skills.test_domain_text import TEXT


def test_owners_write_it_and_each_text_is_a_version(world: World) -> None:
    first = save_domain(world.owner, world.project, TEXT, "First")
    same = save_domain(world.owner, world.project, TEXT.replace("\n", "\r\n"))
    second = save_domain(world.owner, world.project, TEXT + "- Another example.\n", seen=1)
    assert (first.number, same.pk, second.number) == (1, first.pk, 2)
    assert first.label == "domain@survey/1"
    in_use = domain_in_use(world.project)
    assert in_use == second
    assert len(in_use.reading.examples) == 2
    use_domain(world.owner, second.domain, enabled=False)
    assert domain_in_use(world.project) is None


def test_nobody_else_writes_it(world: World) -> None:
    for person in (world.editor, world.viewer):
        with pytest.raises(NotAllowed):
            save_domain(person, world.project, TEXT)
    with pytest.raises(NotFound):
        save_domain(world.stranger, world.project, TEXT)
    domain = save_domain(None, world.project, TEXT).domain
    with pytest.raises(NotAllowed):
        use_domain(world.editor, domain, enabled=False)
    assert list(Domain.objects.for_user(world.stranger)) == []
    assert list(DomainVersion.objects.for_user(world.stranger)) == []
    assert list(DomainVersion.objects.for_user(world.viewer)) != []


def test_what_was_saved_never_changes(world: World) -> None:
    version = save_domain(world.owner, world.project, TEXT)
    version.text = "other"
    with pytest.raises(Conflict):
        version.save()
    with pytest.raises(Conflict):
        version.delete()
    with pytest.raises(TypeError):
        DomainVersion.objects.update(text="other")
    with pytest.raises(Conflict, match="changed since you opened it: version 1 is the newest"):
        save_domain(world.owner, world.project, TEXT + "- More.\n", seen=0)
    with pytest.raises(InvalidInput, match="Line 3: Each line of this section begins"):
        save_domain(world.owner, world.project, "# N\n## Glossary\nx\n")


def test_the_admin_saves_versions_and_tells_mistakes_by_line(world: World) -> None:
    User.objects.filter(pk=world.owner.pk).update(is_staff=True)
    client = world.client(User.objects.get(pk=world.owner.pk))
    add = reverse("admin:skills_domain_add")
    typed = {"project": world.project.pk, "enabled": "on", "text": "# N\n## Glossary\nx\n"}
    page = client.post(add, typed)
    assert "Line 3: Each line of this section begins" in page.content.decode()
    assert client.post(add, {**typed, "text": TEXT}).status_code == 302
    domain = Domain.objects.get()
    change = reverse("admin:skills_domain_change", args=[domain.pk])
    page = client.get(change)
    assert "Distance from keel to seabed." in page.content.decode()
    file = SimpleUploadedFile("domain.md", (TEXT + "- From a file.\n").encode())
    sent = {"enabled": "", "text": TEXT, "file": file, "changelog": "More", "seen": "1"}
    assert client.post(change, sent).status_code == 302
    newest = DomainVersion.objects.get(number=2)
    assert (newest.number, newest.changelog, newest.author) == (2, "More", world.owner)
    assert "- From a file." in newest.text
    domain.refresh_from_db()
    assert not domain.enabled


def test_the_command_checks_before_it_saves(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "domain.md"
    file.write_text(TEXT)
    call_command("import_domain", str(file), "--check")
    assert "Seabed depth (not water depth, sounding)" in capsys.readouterr().out
    assert not Domain.objects.exists()
    with pytest.raises(CommandError, match="--project SLUG"):
        call_command("import_domain", str(file))
    call_command("import_domain", str(file), "--project", world.project.slug)
    assert "v1 is in use" in capsys.readouterr().out
    file.write_text("# N\n## Nothing\n")
    with pytest.raises(CommandError, match="Line 2: There is no section"):
        call_command("import_domain", str(file), "--check")
    with pytest.raises(CommandError, match="can't be read"):
        call_command("import_domain", str(tmp_path / "none.md"))
