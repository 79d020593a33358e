"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from smsapp.common import garbage

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smsapp.settings")
application = get_wsgi_application()
garbage.look_seldom()
