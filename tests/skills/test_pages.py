"""Every page about methods, for everybody who may come by, and what the pages do."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from reqplatform.teams.models import User
from skills import registry
from skills.actions.activation import activate
from skills.actions.drafts import Draft, create_library_draft, create_variant, edit_draft
from skills.loading import load_library
from skills.models import SkillSlug, SkillVersion, VersionStatus
from tests import factories
from tests.conftest import World

SLUG = SkillSlug.SYSTEM_ANALYSIS
XSS = "# Hello\n\n<script>alert('x')</script> [click](javascript:alert(1)) <img src=x onerror=y>\n"
PEOPLE = ("owner", "editor", "reviewer", "viewer", "stranger", "anonymous")
READ = {
    "owner": 200,
    "editor": 200,
    "reviewer": 200,
    "viewer": 200,
    "stranger": 404,
    "anonymous": 302,
}
LEAD = {
    "owner": 200,
    "editor": 403,
    "reviewer": 403,
    "viewer": 403,
    "stranger": 404,
    "anonymous": 302,
}
LIBRARY = {**LEAD, "owner": 403}


@pytest.fixture(autouse=True)
def _library(db: None) -> None:
    load_library()


@pytest.fixture
def root(world: World) -> User:
    return factories.user("root", is_superuser=True)


def address(world: World, name: str, *rest: object) -> str:
    return reverse(f"skills:{name}", args=[world.project.slug, *rest])


def client_of(world: World, person: str) -> Client:
    return world.client(None if person == "anonymous" else getattr(world, person))


def library_version() -> SkillVersion:
    found: SkillVersion = SkillVersion.objects.get(
        skill__slug=SLUG, skill__project=None, status=VersionStatus.ACTIVE
    )
    return found


def draft_of(world: World, body: str = "# Mine\n", changelog: str = "Mine.") -> SkillVersion:
    draft = create_variant(world.owner, world.project, SLUG)
    return edit_draft(world.owner, draft, Draft({}, body, changelog), seen=draft.fingerprint)


def own_active(world: World) -> SkillVersion:
    draft = draft_of(world)
    return activate(world.owner, draft, seen=draft.fingerprint, seen_active=None)


def typed(version: SkillVersion, **changes: object) -> dict[str, object]:
    """The edit form as a browser sends it."""
    values = {
        "seen": version.fingerprint,
        "body": version.body.replace("\n", "\r\n"),
        "changelog": version.changelog,
        "allocate_system_wide": "on",
        "acceptance_criteria_required": "on",
        "max_children_per_parent": "8",
    }
    return {**values, **changes}


GET: dict[str, tuple[Callable[[World], str], dict[str, int]]] = {
    "list": (lambda w: address(w, "list"), READ),
    "detail": (lambda w: address(w, "detail", SLUG), READ),
    "library version": (lambda w: address(w, "version", SLUG, library_version().pk), READ),
    "own version": (lambda w: address(w, "version", SLUG, draft_of(w).pk), READ),
    "diff": (
        lambda w: f"{address(w, 'diff', SLUG)}?old={library_version().pk}&new={draft_of(w).pk}",
        READ,
    ),
    "edit": (lambda w: address(w, "edit", SLUG, draft_of(w).pk), LEAD),
    "discard": (lambda w: address(w, "discard", SLUG, draft_of(w).pk), LEAD),
    "activate": (lambda w: address(w, "activate", SLUG, draft_of(w).pk), LEAD),
    "use library": (lambda w: (own_active(w), address(w, "use_library", SLUG))[1], LEAD),
    "library draft": (
        lambda w: address(
            w, "edit", SLUG, create_library_draft(None, SLUG).pk
        ),
        LIBRARY,
    ),
}  # fmt: skip


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("page", GET)
def test_who_sees_which_page(world: World, page: str, person: str) -> None:
    find, expected = GET[page]
    response = client_of(world, person).get(find(world))
    assert response.status_code == expected[person]
    if person == "anonymous":
        assert "/accounts/login/" in response.headers["Location"]


POST: dict[str, Callable[[World, SkillVersion], tuple[str, dict[str, object]]]] = {
    "new_draft": lambda w, d: (address(w, "new_draft", SkillSlug.EXTRACTION), {}),
    "new library draft": lambda w, d: (
        address(w, "new_draft", SkillSlug.EXTRACTION), {"of": "library"},
    ),
    "edit": lambda w, d: (address(w, "edit", SLUG, d.pk), typed(d, body="# Changed")),
    "preview": lambda w, d: (address(w, "preview", SLUG, d.pk), {"body": "# Changed"}),
    "discard": lambda w, d: (address(w, "discard", SLUG, d.pk), {"seen": d.fingerprint}),
    "activate": lambda w, d: (
        address(w, "activate", SLUG, d.pk), {"seen": d.fingerprint, "seen_active": ""},
    ),
    "use_library": lambda w, d: (address(w, "use_library", SLUG), {"seen_active": d.pk}),
}  # fmt: skip


@pytest.mark.parametrize("person", ["editor", "reviewer", "viewer", "stranger", "anonymous"])
@pytest.mark.parametrize("action", POST)
def test_who_may_not_change_a_method_changes_nothing(
    world: World, action: str, person: str
) -> None:
    url, data = POST[action](world, draft_of(world))
    before = list(SkillVersion.objects.order_by("pk").values())
    response = client_of(world, person).post(url, data)
    assert response.status_code == LEAD[person]
    assert list(SkillVersion.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("name", ["new_draft", "preview"])
def test_what_changes_something_is_never_a_link(world: World, name: str) -> None:
    rest = [SLUG] if name == "new_draft" else [SLUG, draft_of(world).pk]
    assert world.client(world.owner).get(address(world, name, *rest)).status_code == 405


def test_a_version_is_found_under_its_own_project_and_method_only(world: World) -> None:
    draft = draft_of(world)
    client = world.client(factories.user("root", is_superuser=True))
    other_method = address(world, "version", SkillSlug.EXTRACTION, draft.pk)
    other_project = reverse("skills:version", args=[world.other_project.slug, SLUG, draft.pk])
    for url in (other_method, other_project, address(world, "version", SLUG, 10**30)):
        assert client.get(url).status_code == 404
    assert client.get(address(world, "detail", "no-such-method")).status_code == 404
    for query in ("", "?old=1", f"?old=x&new={draft.pk}", f"?old={'9' * 5000}&new=1"):
        assert client.get(address(world, "diff", SLUG) + query).status_code == 404


def test_the_list_says_which_version_is_used_and_whose(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    own_active(world)
    create_variant(world.owner, world.project, SkillSlug.EXTRACTION)
    client = world.client(world.viewer)
    with django_assert_num_queries(4):  # session, person, project, versions
        page = client.get(address(world, "list")).content.decode()
    assert page.count('<span class="tag">library</span>') == 3
    assert page.count('<span class="tag">own</span>') == 2


def test_the_method_page_takes_as_many_queries_for_many_versions_as_for_one(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = own_active(world)
    for _ in range(3):
        draft = draft_of(world)
        first = activate(world.owner, draft, seen=draft.fingerprint, seen_active=first.pk)
    client = world.client(world.viewer)
    with django_assert_num_queries(5):  # as the list, and the role
        page = client.get(address(world, "detail", SLUG)).content.decode()
    assert page.count("Retired") == 3
    assert "New draft" not in page


def test_a_lead_makes_edits_and_activates_a_variant(world: World) -> None:
    client = world.client(world.owner)
    response = client.post(address(world, "new_draft", SLUG))
    draft = SkillVersion.objects.get(skill__project=world.project)
    assert response.headers["Location"] == address(world, "edit", SLUG, draft.pk)
    assert client.get(response.headers["Location"]).status_code == 200

    data = typed(draft, body="# Own\r\n\r\nText\r\n", changelog="Why.", max_children_per_parent="3")
    response = client.post(address(world, "edit", SLUG, draft.pk), data)
    assert response.headers["Location"] == address(world, "version", SLUG, draft.pk)
    draft.refresh_from_db()
    assert (draft.body, draft.changelog) == ("# Own\n\nText\n", "Why.")
    assert draft.parameters["max_children_per_parent"] == 3

    asked = client.get(address(world, "activate", SLUG, draft.pk)).content.decode()
    assert f'name="seen" value="{draft.fingerprint}"' in asked
    assert "<ins># Own</ins>" in asked
    data = {"seen": draft.fingerprint, "seen_active": ""}
    client.post(address(world, "activate", SLUG, draft.pk), data)
    assert registry.active_versions(world.project)[SLUG] == draft

    client.post(address(world, "use_library", SLUG), {"seen_active": draft.pk})
    assert registry.active_versions(world.project)[SLUG] == library_version()

    rolled = client.post(address(world, "activate", SLUG, draft.pk), data, follow=True)
    assert "Runs that start from now on use it." in rolled.content.decode()
    assert registry.active_versions(world.project)[SLUG] == draft


def test_an_unchanged_form_saves_what_was_there(world: World) -> None:
    """Whatever the form shows comes back as it was: no parameter is lost on the way."""
    client = world.client(world.owner)
    for slug in SkillSlug:
        draft = create_variant(world.owner, world.project, slug)
        form = client.get(address(world, "edit", slug, draft.pk)).context["form"]
        data: dict[str, object] = {}
        for field in form:
            value = field.value()
            if value is True:
                data[field.html_name] = "on"
            elif value is not False:
                data[field.html_name] = form.fields[field.name].prepare_value(value)
        assert client.post(address(world, "edit", slug, draft.pk), data).status_code == 302
        before = draft.fingerprint
        draft.refresh_from_db()
        assert draft.fingerprint == before


def test_a_draft_that_somebody_else_saved_is_shown_and_not_overwritten(world: World) -> None:
    draft = draft_of(world)
    mine = typed(draft, body="# From me")
    edit_draft(world.owner, draft, Draft({}, "# From them\n", "x"), seen=draft.fingerprint)
    client = world.client(world.owner)

    page = client.post(address(world, "edit", SLUG, draft.pk), mine)

    assert "has changed this draft since you opened it" in page.content.decode()
    draft.refresh_from_db()
    assert draft.body == "# From them\n"
    form = page.context["form"]
    assert form["body"].value() == "# From me"
    client.post(address(world, "edit", SLUG, draft.pk), {**mine, "seen": form["seen"].value()})
    draft.refresh_from_db()
    assert draft.body == "# From me\n"


def test_activating_what_has_changed_meanwhile_says_so(world: World) -> None:
    draft = draft_of(world)
    data = {"seen": "0" * 64, "seen_active": ""}
    client = world.client(world.owner)
    page = client.post(address(world, "activate", SLUG, draft.pk), data, follow=True)
    assert "was edited since you opened the page" in page.content.decode()
    assert registry.active_versions(world.project)[SLUG] == library_version()
    for number in ("x", "9" * 6000):
        data = {"seen": draft.fingerprint, "seen_active": number}
        assert client.post(address(world, "activate", SLUG, draft.pk), data).status_code == 302


def test_a_bad_parameter_is_told_beside_the_form_and_nothing_is_saved(world: World) -> None:
    draft = draft_of(world)
    data = typed(draft, max_children_per_parent="99", body="# Other")
    page = world.client(world.owner).post(address(world, "edit", SLUG, draft.pk), data)
    assert "less than or equal to 50" in page.content.decode()
    draft.refresh_from_db()
    assert draft.body == "# Mine\n"


def test_an_active_version_cannot_be_edited_or_discarded_by_address(world: World) -> None:
    own = own_active(world)
    client = world.client(world.owner)
    page = client.post(address(world, "edit", SLUG, own.pk), typed(own, body="x"), follow=True)
    assert "so it stays as it is" in page.content.decode().replace("&#x27;", "'")
    data = {"seen": own.fingerprint}
    page = client.post(address(world, "discard", SLUG, own.pk), data, follow=True)
    assert "Only drafts can be discarded" in page.content.decode()
    own.refresh_from_db()
    assert (own.body, own.status) == ("# Mine\n", "active")


@pytest.mark.parametrize("htmx", [True, False])
def test_a_preview_shows_harmless_html_and_saves_nothing(world: World, htmx: bool) -> None:
    draft = draft_of(world)
    client = world.client(world.owner)
    if htmx:
        page = client.post(
            address(world, "preview", SLUG, draft.pk), {"body": XSS}, headers={"HX-Request": "true"}
        )
        assert not page.content.decode().lstrip().startswith("<!doctype")
    else:
        data = typed(draft, body=XSS, preview="1")
        page = client.post(address(world, "edit", SLUG, draft.pk), data)
    html = page.content.decode().split('id="preview-heading"')[1]
    assert "<h2>Hello</h2>" in html
    assert "&lt;script&gt;alert" in html
    assert "<script" not in html.split("</section>")[0]
    assert "<img" not in html
    assert 'href="javascript' not in html
    draft.refresh_from_db()
    assert draft.body == "# Mine\n"


def test_a_preview_names_what_saving_would_refuse(world: World) -> None:
    draft = draft_of(world)
    url = address(world, "preview", SLUG, draft.pk)
    client = world.client(world.owner)
    assert "The method is empty" in client.post(url, {"body": " "}).content.decode()
    assert "at most 50,000" in client.post(url, {"body": "x" * 50_001}).content.decode()
    warned = client.post(url, {"body": "api_key = 0123456789abcdef"}).content.decode()
    assert "Line 1 looks as if it held an API key" in warned


def test_what_people_wrote_is_escaped_on_every_page(world: World, root: User) -> None:
    draft = draft_of(world, body=XSS, changelog="<script>alert('c')</script>")
    client = world.client(root)
    pages = [
        address(world, "detail", SLUG),
        address(world, "version", SLUG, draft.pk),
        address(world, "edit", SLUG, draft.pk),
        address(world, "activate", SLUG, draft.pk),
        f"{address(world, 'diff', SLUG)}?old={library_version().pk}&new={draft.pk}",
    ]
    for url in pages:
        html = client.get(url).content.decode()
        assert "<script>alert" not in html, url
        assert "<img src=x" not in html, url


def test_pages_hold_no_inline_script_or_style(world: World) -> None:
    draft = draft_of(world)
    client = world.client(world.owner)
    for url in (
        address(world, "list"),
        address(world, "detail", SLUG),
        address(world, "version", SLUG, draft.pk),
        address(world, "edit", SLUG, draft.pk),
        address(world, "activate", SLUG, draft.pk),
    ):
        html = client.get(url).content.decode()
        assert "<style" not in html, url
        assert " style=" not in html, url
        assert " onclick=" not in html, url
        assert all(part.lstrip().startswith("src=") for part in html.split("<script")[1:]), url


def test_an_administrator_changes_the_library_for_all(world: World, root: User) -> None:
    client = world.client(root)
    client.post(address(world, "new_draft", SLUG), {"of": "library"})
    draft = SkillVersion.objects.get(skill__project=None, status=VersionStatus.DRAFT)
    active = library_version()
    client.post(address(world, "edit", SLUG, draft.pk), typed(draft, changelog="For all."))
    draft.refresh_from_db()
    data = {"seen": draft.fingerprint, "seen_active": active.pk}
    client.post(address(world, "activate", SLUG, draft.pk), data)
    assert registry.active_versions(world.other_project)[SLUG] == draft
