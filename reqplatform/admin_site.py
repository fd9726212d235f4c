"""The admin site's place in the project."""

from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    default_site = "unfold.sites.UnfoldAdminSite"
