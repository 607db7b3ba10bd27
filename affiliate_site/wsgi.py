"""The WSGI application that the web server loads."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "affiliate_site.settings")
application = get_wsgi_application()
# What is loaded now stays: the collector need not walk through it again in the middle of an answer.
gc.freeze()
