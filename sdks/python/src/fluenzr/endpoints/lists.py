"""The lists that ids come from."""

from fluenzr._calls import ListCall
from fluenzr.endpoints._building import listing
from fluenzr.inputs import Order
from fluenzr.models import CustomField, EmailAccount, Location, PipelineStage, Tag


def tags(
    *,
    page: int | None = None,
    per_page: int | None = None,
    cursor: str | None = None,
    sort: str | None = None,
    order: Order | None = None,
) -> ListCall[Tag]:
    """List tags, by name."""
    return listing(Tag, "tags", query=locals())


def pipeline_stages(
    *,
    page: int | None = None,
    per_page: int | None = None,
    cursor: str | None = None,
    sort: str | None = None,
    order: Order | None = None,
) -> ListCall[PipelineStage]:
    """List the pipeline's stages, in their order."""
    return listing(PipelineStage, "pipeline-stages", query=locals())


def custom_fields(
    *,
    page: int | None = None,
    per_page: int | None = None,
    cursor: str | None = None,
    sort: str | None = None,
    order: Order | None = None,
) -> ListCall[CustomField]:
    """List the definitions of custom fields."""
    return listing(CustomField, "custom-fields", query=locals())


def email_accounts(
    *,
    page: int | None = None,
    per_page: int | None = None,
    cursor: str | None = None,
    sort: str | None = None,
    order: Order | None = None,
) -> ListCall[EmailAccount]:
    """List the accounts that campaigns send from."""
    return listing(EmailAccount, "email-accounts", query=locals())


def locations(
    *,
    page: int | None = None,
    per_page: int | None = None,
    cursor: str | None = None,
    sort: str | None = None,
    order: Order | None = None,
) -> ListCall[Location]:
    """List locations, by title."""
    return listing(Location, "locations", query=locals())
