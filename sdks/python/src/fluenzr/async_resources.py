"""The parts of the API, for AsyncFluenzrClient. Parameters and what they mean: ``fluenzr.endpoints``."""

from fluenzr._methods import Resource, async_lists, async_runs
from fluenzr.endpoints import campaigns, contacts, groups, webhooks
from fluenzr.endpoints import lists as lists_of


class AsyncContacts(Resource):
    """/contacts"""

    list = async_lists(contacts.list_all)
    get = async_runs(contacts.get)
    create = async_runs(contacts.create)
    update = async_runs(contacts.update)
    delete = async_runs(contacts.delete)
    bulk = async_runs(contacts.bulk)
    search = async_lists(contacts.search)
    add_to_group = async_runs(contacts.add_to_group)
    add_to_groups = async_runs(contacts.add_to_groups)
    remove_from_group = async_runs(contacts.remove_from_group)
    remove_from_groups = async_runs(contacts.remove_from_groups)
    add_tags = async_runs(contacts.add_tags)
    remove_tags = async_runs(contacts.remove_tags)


class AsyncGroups(Resource):
    """/groups"""

    list = async_lists(groups.list_all)
    get = async_runs(groups.get)
    create = async_runs(groups.create)
    update = async_runs(groups.update)
    delete = async_runs(groups.delete)
    add_contacts = async_runs(groups.add_contacts)
    remove_contacts = async_runs(groups.remove_contacts)
    list_contacts = async_lists(groups.list_contacts)


class AsyncCampaigns(Resource):
    """/campaigns"""

    list = async_lists(campaigns.list_all)
    get = async_runs(campaigns.get)
    create = async_runs(campaigns.create)
    update = async_runs(campaigns.update)
    start = async_runs(campaigns.start)
    pause = async_runs(campaigns.pause)
    resume = async_runs(campaigns.resume)
    archive = async_runs(campaigns.archive)
    add_contacts = async_runs(campaigns.add_contacts)
    remove_contacts = async_runs(campaigns.remove_contacts)
    list_contacts = async_lists(campaigns.list_contacts)
    get_stats = async_runs(campaigns.get_stats)
    get_email_stats = async_runs(campaigns.get_email_stats)
    get_timeline = async_runs(campaigns.get_timeline)
    get_activity = async_lists(campaigns.get_activity)
    why = async_runs(campaigns.why)


class AsyncWebhooks(Resource):
    """/webhooks"""

    list = async_lists(webhooks.list_all)
    get = async_runs(webhooks.get)
    create = async_runs(webhooks.create)
    update = async_runs(webhooks.update)
    delete = async_runs(webhooks.delete)
    test = async_runs(webhooks.test)
    logs = async_lists(webhooks.logs)
    retry = async_runs(webhooks.retry)
    rotate_secret = async_runs(webhooks.rotate_secret)
    replay = async_runs(webhooks.replay)


class AsyncTags(Resource):
    """/tags"""

    list = async_lists(lists_of.tags)


class AsyncPipelineStages(Resource):
    """/pipeline-stages"""

    list = async_lists(lists_of.pipeline_stages)


class AsyncCustomFields(Resource):
    """/custom-fields"""

    list = async_lists(lists_of.custom_fields)


class AsyncEmailAccounts(Resource):
    """/email-accounts"""

    list = async_lists(lists_of.email_accounts)


class AsyncLocations(Resource):
    """/locations"""

    list = async_lists(lists_of.locations)
