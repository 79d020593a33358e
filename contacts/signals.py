"""News of contacts for the apps above."""

from django.dispatch import Signal

# sent inside the transaction of the merge: winner (Contact), loser_ids (list of contact ids)
contacts_merged = Signal()
