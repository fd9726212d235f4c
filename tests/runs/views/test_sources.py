from runs.documents import parse
from runs.documents.serialise import to_bytes
from runs.models import RevisionContent, Run, SourceRequirement
from tests import factories
from tests.audience import check_page
from tests.conftest import World

TEXT = "1 General\n\nThis is <b>new</b>. The vessel shall <i>float</i>. It is white.\n"
SENTENCE = "The vessel shall <i>float</i>."


def source_in_document(run: Run) -> SourceRequirement:
    """The run's first source requirement, put where SENTENCE stands in a stored document."""
    document = parse(TEXT.encode(), "vessel.txt")
    RevisionContent.objects.create(
        revision=run.revision, original=TEXT.encode(), document=to_bytes(document)
    )
    source = SourceRequirement.objects.get(extraction=run.extraction, ordinal=1)
    source.start = document.text.index(SENTENCE)
    source.end = source.start + len(SENTENCE)
    source.text = SENTENCE
    source.save()
    return source


def test_members_only(world: World) -> None:
    source = source_in_document(factories.completed_run(world.project))
    check_page(world, f"/source-requirements/{source.pk}/")


def test_marks_the_passage_in_its_context(world: World) -> None:
    source = source_in_document(factories.completed_run(world.project))
    text = world.client(world.viewer).get(f"/source-requirements/{source.pk}/").text
    assert "<mark>The vessel shall &lt;i&gt;float&lt;/i&gt;.</mark> It is white." in text
    assert "This is &lt;b&gt;new&lt;/b&gt;." in text


def test_shows_the_quality_class_and_that_it_is_a_part(world: World) -> None:
    source = source_in_document(factories.completed_run(world.project))
    address = f"/source-requirements/{source.pk}/"
    plain = world.client(world.viewer).get(address).text
    SourceRequirement.objects.filter(pk=source.pk).update(quality_class="security", part=True)
    text = world.client(world.viewer).get(address).text
    for words in ("Security</dd>", "An item of a statement"):
        assert words in text
        assert words not in plain


def test_never_marks_a_passage_that_says_something_else(world: World) -> None:
    source = source_in_document(factories.completed_run(world.project))
    SourceRequirement.objects.filter(pk=source.pk).update(text="The vessel shall dive.")
    answer = world.client(world.viewer).get(f"/source-requirements/{source.pk}/")
    assert answer.context["passage"] is None
    assert "<mark>The vessel shall dive.</mark>" in answer.text


def test_shows_what_was_derived_and_the_way_on(world: World) -> None:
    run = factories.completed_run(world.project)
    source = SourceRequirement.objects.get(extraction=run.extraction, ordinal=2)
    answer = world.client(world.viewer).get(f"/source-requirements/{source.pk}/")
    assert "NAV-PERF-002" in answer.text
    assert (answer.context["previous"].ordinal, answer.context["next"].ordinal) == (1, 3)
