"""News from mailings for the apps above. `mailing_finished`: mailing=Mailing, sent once by whoever closed it."""

from django.dispatch import Signal

mailing_finished = Signal()
