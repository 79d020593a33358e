"""The roof of the console: settings, routes, workers, roles and the home page."""

from smsapp.celery import app as celery_app

__all__ = ["celery_app"]
