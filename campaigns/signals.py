"""News from mailings for the apps above.

`mailing_finished`: mailing=Mailing, sent once by whoever closed it. `mailing_moved`: mailing_id=int, a hint inside the transaction that moved it:
whoever waits for it looks again, and must find it without the hint too.
"""

from django.dispatch import Signal

mailing_finished = Signal()
mailing_moved = Signal()
