"""News from the gateways for the apps above.

`reports_received`: reports=list[DeliveryReport]; receivers return the set of `event_id` that they could not match.
`inbound_received`: inbound=InboundSms.
`lane_changed`: provider=Provider.
"""

from django.dispatch import Signal

reports_received = Signal()
inbound_received = Signal()
lane_changed = Signal()
