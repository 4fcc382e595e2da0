"""What contacts say to whoever stands on them."""

from django.dispatch import Signal

# Sent inside the transaction in which contacts enter dynamic groups.
# Arguments: workspace, joined (a list of (group_id, contact_id)), by (the actor).
joined_group = Signal()
