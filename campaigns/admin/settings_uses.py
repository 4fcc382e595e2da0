"""What sending uses of the plan."""

from django.utils.translation import gettext as _

from campaigns import health
from campaigns.models import EmailAccount
from fluenzr_site.core import clock
from fluenzr_site.workspaces.models import Workspace
from fluenzr_site.workspaces.usage import Use, add_uses


@add_uses
def sending_uses(workspace: Workspace) -> list[Use]:
    limits = workspace.limits
    accounts = EmailAccount.objects.of(workspace).count()
    today = sum(health.sent_today(workspace, clock.now()).values())
    full = _("No account can be added; those that are there go on.")
    waits = _("The rest waits for the next day by itself.")
    return [
        Use(_("E-mail accounts"), accounts, limits.email_accounts, full, order=2),
        Use(_("E-mails today"), today, limits.emails_a_day, waits, order=4),
    ]
