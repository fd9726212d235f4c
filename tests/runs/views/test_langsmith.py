from tests import factories
from tests.audience import check_anonymous
from tests.conftest import World


def test_without_tracing_one_is_led_back_with_the_reason(world: World) -> None:
    """Tracing is off in tests, so nothing is asked of any network."""
    run = factories.run(world.project)
    answer = world.client(world.viewer).get(f"/runs/{run.pk}/langsmith", follow=True)
    assert answer.redirect_chain[-1][0] == f"/runs/{run.pk}/"
    assert [message.level_tag for message in answer.context["messages"]] == ["warning"]


def test_members_only(world: World) -> None:
    url = f"/runs/{factories.run(world.project).pk}/langsmith"
    assert world.client(world.stranger).get(url).status_code == 404
    check_anonymous(url)
    assert world.client(world.viewer).post(url).status_code == 405
