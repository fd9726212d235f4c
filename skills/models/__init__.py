from skills.models.skill import Skill, SkillSlug
from skills.models.skill_version import SkillVersion, VersionStatus

__all__ = ["Skill", "SkillSlug", "SkillVersion", "VersionStatus"]
