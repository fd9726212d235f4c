from reqplatform.teams.models.api_token import ApiToken
from reqplatform.teams.models.membership import Membership, Role
from reqplatform.teams.models.project import Project, ReviewExpiry
from reqplatform.teams.models.scoped import ProjectScoped
from reqplatform.teams.models.user import User

__all__ = ["ApiToken", "Membership", "Project", "ProjectScoped", "ReviewExpiry", "Role", "User"]
