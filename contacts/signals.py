"""What contacts say to whoever stands on them."""

from django.dispatch import Signal

# Sent inside the transaction in which contacts enter dynamic groups.
# Arguments: workspace, joined (a list of (group_id, contact_id)), by (the actor).
joined_group = Signal()

# Sent inside the transaction in which contacts become one, while the others are still there: what refers to them is
# to refer to the survivor. A receiver may answer with what it needs to undo that (a dict for JSON under a key of its
# own), or refuse with contacts.changes.merging.Busy.
# Arguments: workspace, survivor_id, merged_ids, at, by.
contacts_merged = Signal()

# Sent inside the transaction that takes them apart again, when all are there.
# Arguments: workspace, survivor_id, merged_ids, kept (what the receivers of contacts_merged answered), by.
contacts_unmerged = Signal()
