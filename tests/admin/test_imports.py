"""Imports in the admin: the difference is shown, and one mistake leaves everything as it was."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from observability.models import ModelProfile
from reqplatform.teams.models import User
from runs.models import KeptFile, Subsystem
from tests import factories
from tests.admin.test_every_admin import address
from tests.conftest import World

PRICES = (
    "provider,model,base_url,input_price,output_price,cache_read_price\n"
    "openai_compatible,gpt-test,http://127.0.0.1:9/v1,2.5,10,0.25\n"
)
SUBSYSTEMS = "project,code,name\nsurvey,NAV,Navigator\nsurvey,RAD,Radio\n"


@pytest.fixture
def root(staffed: World) -> Client:
    KeptFile.objects.all().delete()
    return staffed.client(factories.user("root", is_staff=True, is_superuser=True))


def upload(client: Client, model: Any, text: str) -> Any:
    file = SimpleUploadedFile("a.csv", text.encode())
    return client.post(address(model, "import"), {"import_file": file, "format": "0"})


def confirm(client: Client, model: Any, shown: Any) -> Any:
    form = shown.context["confirm_form"]
    return client.post(address(model, "process_import"), form.initial, follow=True)


def test_prices_are_shown_with_their_difference_and_then_taken(root: Client) -> None:
    shown = upload(root, ModelProfile, PRICES)
    page = shown.content.decode()
    assert "<del>3</del> <ins>2.5</ins>" in page
    profile = ModelProfile.objects.get(model="gpt-test")
    assert profile.input_price == 3
    taken = confirm(root, ModelProfile, shown)
    assert taken.status_code == 200
    profile.refresh_from_db()
    assert (str(profile.input_price), str(profile.cache_read_price)) == ("2.500000", "0.250000")
    assert not KeptFile.objects.exists()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("nobody,gpt-test,,1,1,", "There is no provider nobody"),
        ("openai_compatible,gpt-test,http://127.0.0.1:9/v1,free,1,", "free is no price"),
        ("openai_compatible,gpt-test,http://127.0.0.1:9/v1,-1,1,", "-1 is no price"),
        ("openai_compatible,gpt-test,http://127.0.0.1:9/v1,0.0000001,1,", "six decimals"),
        ("openai_compatible,unknown,http://127.0.0.1:9/v1,1,1,", "context window"),
        ("openai,,,1,1,", "Name the model"),
    ],
)
def test_a_wrong_price_is_told_by_its_row_and_none_is_taken(
    root: Client, row: str, said: str
) -> None:
    shown = upload(root, ModelProfile, f"{PRICES}{row}\n")
    page = shown.content.decode()
    assert "Row 3: " in page
    assert said in page
    assert "confirm_form" not in shown.context
    assert ModelProfile.objects.get(model="gpt-test").input_price == 3


def test_subsystems_of_several_projects(root: Client) -> None:
    shown = upload(root, Subsystem, f"{SUBSYSTEMS}other,RAD,Radio\n")
    confirm(root, Subsystem, shown)
    assert Subsystem.objects.filter(code="RAD").count() == 2
    assert Subsystem.objects.get(project__slug="survey", code="NAV").name == "Navigator"


def test_an_owner_cannot_reach_into_another_project(staffed: World) -> None:
    client = staffed.client(staffed.owner)
    before = Subsystem.objects.filter(project=staffed.other_project).count()
    shown = upload(client, Subsystem, f"{SUBSYSTEMS}other,RAD,Radio\n")
    assert "You are a member of no project other" in shown.content.decode()
    assert not Subsystem.objects.filter(code="RAD").exists()
    assert Subsystem.objects.filter(project=staffed.other_project).count() == before
    confirm(client, Subsystem, upload(client, Subsystem, SUBSYSTEMS))
    assert Subsystem.objects.get(code="RAD").project == staffed.project


def test_what_has_changed_meanwhile_is_told_and_nothing_is_taken(root: Client) -> None:
    shown = upload(root, Subsystem, SUBSYSTEMS)
    survey = Subsystem.objects.filter(project__slug="survey")
    survey.filter(code="NAV").update(name="Navigation")
    other = survey.exclude(code="NAV")[0]
    other.name = "radio"
    other.save(update_fields=["name"])
    taken = confirm(root, Subsystem, shown)
    assert "Nothing was imported" in taken.content.decode()
    assert survey.get(code="NAV").name == "Navigation"
    assert not survey.filter(code="RAD").exists()


def test_who_may_not_change_may_not_import(staffed: World) -> None:
    owner = staffed.client(staffed.owner)  # of a project, not of the installation
    assert owner.get(address(ModelProfile, "import")).status_code == 403
    assert upload(owner, ModelProfile, PRICES).status_code == 403
    User.objects.filter(pk=staffed.viewer.pk).update(is_staff=True)
    viewer = staffed.client(User.objects.get(pk=staffed.viewer.pk))
    assert viewer.get(address(Subsystem, "import")).status_code == 403
    assert staffed.client(None).get(address(Subsystem, "import")).status_code == 302


def test_a_file_of_another_or_of_nobody_is_not_taken(root: Client) -> None:
    shown = upload(root, Subsystem, SUBSYSTEMS)
    form = dict(shown.context["confirm_form"].initial)
    for name in ("../../etc/passwd", "00000000-0000-0000-0000-000000000000"):
        form["import_file_name"] = name
        taken = root.post(address(Subsystem, "process_import"), form, follow=True)
        assert "not here any more" in taken.content.decode()
    assert not Subsystem.objects.filter(code="RAD").exists()


def test_a_large_or_broken_file_is_refused_with_why(root: Client) -> None:
    page = upload(root, Subsystem, "x" * (5 * 2**20 + 1)).content.decode()
    assert "5 MB are read at most" in page
    page = upload(root, Subsystem, "code\n").content.decode()
    assert "no row below its header" in page
    page = upload(root, Subsystem, "colour\nred\n").content.decode()
    assert "It lacks code" in page
    many = "project,code,name\n" + "survey,NAV,N\n" * 1_001
    assert "1,000 are imported at a time" in upload(root, Subsystem, many).content.decode()


def test_what_a_file_says_cannot_become_part_of_the_page(root: Client) -> None:
    evil = 'project,code,name\nsurvey,RAD,<script>alert("x")</script>\n'
    page = upload(root, Subsystem, evil).content.decode()
    assert "<script>alert" not in page
    bad = 'project,code,name\n<script>alert("x")</script>,RAD,Radio\n'
    page = upload(root, Subsystem, bad).content.decode()
    assert "<script>alert" not in page
