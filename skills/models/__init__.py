from skills.models.domain import Domain, DomainVersion
from skills.models.skill import Skill, SkillSlug
from skills.models.skill_version import SkillVersion, VersionStatus

__all__ = ["Domain", "DomainVersion", "Skill", "SkillSlug", "SkillVersion", "VersionStatus"]
