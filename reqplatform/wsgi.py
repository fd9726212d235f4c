"""The WSGI entry point that web servers load.

All pages are loaded with it, and what was loaded is kept out of the garbage collector's sight: to
look through it took a tenth of a second and more, in the middle of somebody's page.
"""

import gc
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reqplatform.settings")
application = get_wsgi_application()
import_module("reqplatform.urls")
gc.collect()
gc.freeze()
