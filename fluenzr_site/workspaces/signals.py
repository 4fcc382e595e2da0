"""What the workspaces say to the apps that stand on them."""

from django.dispatch import Signal

# Sent inside the transaction that makes a workspace; argument: workspace.
workspace_created = Signal()
