from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower


class User(AbstractUser):
    """A person. What they may do on a project is said by their Membership."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="user_email_unique", condition=~models.Q(email="")
            )
        ]

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.get_username()
