"""The parts of the API, for FluenzrClient. Parameters and what they mean: ``fluenzr.endpoints``."""

from fluenzr._methods import Resource, lists, runs
from fluenzr.endpoints import campaigns, contacts, groups, webhooks
from fluenzr.endpoints import lists as lists_of


class Contacts(Resource):
    """/contacts"""

    list = lists(contacts.list_all)
    get = runs(contacts.get)
    create = runs(contacts.create)
    update = runs(contacts.update)
    delete = runs(contacts.delete)
    bulk = runs(contacts.bulk)
    search = lists(contacts.search)
    add_to_group = runs(contacts.add_to_group)
    add_to_groups = runs(contacts.add_to_groups)
    remove_from_group = runs(contacts.remove_from_group)
    remove_from_groups = runs(contacts.remove_from_groups)
    add_tags = runs(contacts.add_tags)
    remove_tags = runs(contacts.remove_tags)


class Groups(Resource):
    """/groups"""

    list = lists(groups.list_all)
    get = runs(groups.get)
    create = runs(groups.create)
    update = runs(groups.update)
    delete = runs(groups.delete)
    add_contacts = runs(groups.add_contacts)
    remove_contacts = runs(groups.remove_contacts)
    list_contacts = lists(groups.list_contacts)


class Campaigns(Resource):
    """/campaigns"""

    list = lists(campaigns.list_all)
    get = runs(campaigns.get)
    create = runs(campaigns.create)
    update = runs(campaigns.update)
    start = runs(campaigns.start)
    pause = runs(campaigns.pause)
    resume = runs(campaigns.resume)
    archive = runs(campaigns.archive)
    add_contacts = runs(campaigns.add_contacts)
    remove_contacts = runs(campaigns.remove_contacts)
    list_contacts = lists(campaigns.list_contacts)
    get_stats = runs(campaigns.get_stats)
    get_email_stats = runs(campaigns.get_email_stats)
    get_timeline = runs(campaigns.get_timeline)
    get_activity = lists(campaigns.get_activity)
    why = runs(campaigns.why)


class Webhooks(Resource):
    """/webhooks"""

    list = lists(webhooks.list_all)
    get = runs(webhooks.get)
    create = runs(webhooks.create)
    update = runs(webhooks.update)
    delete = runs(webhooks.delete)
    test = runs(webhooks.test)
    logs = lists(webhooks.logs)
    retry = runs(webhooks.retry)
    rotate_secret = runs(webhooks.rotate_secret)
    replay = runs(webhooks.replay)


class Tags(Resource):
    """/tags"""

    list = lists(lists_of.tags)


class PipelineStages(Resource):
    """/pipeline-stages"""

    list = lists(lists_of.pipeline_stages)


class CustomFields(Resource):
    """/custom-fields"""

    list = lists(lists_of.custom_fields)


class EmailAccounts(Resource):
    """/email-accounts"""

    list = lists(lists_of.email_accounts)


class Locations(Resource):
    """/locations"""

    list = lists(lists_of.locations)
