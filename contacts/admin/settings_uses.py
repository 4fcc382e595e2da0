"""What contacts use of the plan."""

from django.utils.translation import gettext as _

from contacts.models import Contact
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.usage import Use, add_uses


@add_uses
def contact_uses(workspace: Workspace) -> list[Use]:
    limits = workspace.limits
    known = Contact.objects.of(workspace).count()
    full = _("No contact can be added; those that are there stay, and can be changed.")
    long = _("A longer file isn't imported: divide it.")
    return [
        Use(_("Contacts"), known, limits.contacts, full, order=1),
        Use(_("Rows of an import"), None, limits.import_rows, long, order=5),
    ]
