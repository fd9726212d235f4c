from collections.abc import Callable

from reqplatform.teams.models import User
from skills.actions.domains import save_domain
from tests.api.conftest import Caller
from tests.conftest import World
from tests.skills.test_domain_text import TEXT


def test_the_api_shows_a_version(world: World, call: Callable[[User | None], Caller]) -> None:
    caller = call(world.viewer)
    assert caller.get("/projects/survey/domain").status_code == 404
    save_domain(None, world.project, TEXT)
    save_domain(None, world.project, TEXT + "- More.\n", "More")
    newest = caller.get("/projects/survey/domain").json()
    assert (newest["number"], newest["in_use"], newest["changelog"]) == (2, True, "More")
    assert newest["content"]["glossary"][0]["forbidden"] == ["water depth", "sounding"]
    assert caller.get("/projects/survey/domain?version=1").json()["text"] == TEXT
    assert caller.get("/projects/survey/domain?version=3").status_code == 404
    assert caller.get("/projects/survey/domain?version=0").status_code == 422
