from django.apps import AppConfig


class TeamsConfig(AppConfig):
    name = "reqplatform.teams"
    label = "teams"
