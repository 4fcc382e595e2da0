"""A workspace in use: one of everything that a page can show, written as the product writes it."""

import io
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User

from campaigns.changes import accounts, campaigns, enrolling, outcomes
from campaigns.models import Campaign, Conversation, EmailAccount, Enrolment, MailFolder, Message, ReceivedMail
from contacts.changes import merging
from contacts.changes.contacts import create
from contacts.changes.groups import create_group
from contacts.cleaning import clean
from contacts.imports import run, store
from contacts.models import BulkChange, Contact, PipelineStage
from fluenzr_site.core import clock
from fluenzr_site.events.recording import Actor, change
from fluenzr_site.webhooks import changes as webhooks
from fluenzr_site.workspaces.changes import add_member, create_api_key, create_workspace
from fluenzr_site.workspaces.models import Workspace
from tests.campaigns.workflow.examples import branching, email, sequence

BY = Actor("command", "test")
CSV = b"First name,Email,Score\nAnn,ann@new.example,1\nBad,nonsense,2\n"
PEOPLE = ["Ada Lovelace", "Ben Okri", "Cleo Dubois", "Dev Patel", "Eva Lund", "Finn Moe"]


class World:
    """``rows`` are the rows whose pages can be opened, by the name of their model's pages."""

    def __init__(self) -> None:
        self.workspace = create_workspace("Acme")
        self.admin = self._person("ada", "admin")
        self.member = self._person("mia", "member")
        create_workspace("Zebra")
        self.rows: dict[str, Any] = {}
        self._contacts()
        self._import()
        self.rows["change"] = BulkChange.objects.of(self.workspace)[0]
        self._merged()
        self._campaigns()
        self._answers()
        self._connections()

    def _person(self, name: str, role: str) -> User:
        user = User.objects.create(username=name, first_name=name.title(), email=f"{name}@acme.example", is_staff=True)
        user.set_password("unused")
        user.save(update_fields=["password"])
        add_member(self.workspace, user, role=role)
        return user

    def _contacts(self) -> None:
        group = create_group(self.workspace, {"name": "Readers", "color": "#3b82f6"})
        stages = list(PipelineStage.objects.of(self.workspace))
        for number, name in enumerate(PEOPLE):
            first, last = name.split()
            values = {"firstName": first, "lastName": last, "company": "Northwind", "groupIds": [group.pk]}
            values |= {"tags": ["vip", "warm"], "customFields": {"size": "big"}, "email": f"{first.lower()}@x.co"}
            stage = stages[number % len(stages)]
            create(self.workspace, clean(values | {"pipelineStageId": stage.pk}, needs_email=True), by=BY)
        contact = Contact.objects.of(self.workspace).order_by("id")[0]
        self.rows |= {"contacts_contact": contact, "contacts_group": group, "contacts_tag": contact.tags.all()[0]}
        self.rows |= {"contacts_pipelinestage": stages[0], "contacts_customfield": self.workspace.custom_fields.get()}
        self.rows["contacts_location"] = self.workspace.locations.create(title="Paris")

    def _import(self) -> None:
        done = store.create(self.workspace, io.BytesIO(CSV), "people.csv", by=self.admin)
        store.choose(done, on_duplicate="skip", consent_source="existing", certified=True)
        run.start(done)
        while run.run_due():
            pass
        draft = store.create(self.workspace, io.BytesIO(CSV), "draft.csv", by=self.admin)
        store.choose(draft, on_duplicate="skip", consent_source="existing", certified=True)
        self.rows |= {"contacts_import": done, "draft": draft}

    def _merged(self) -> None:
        twins = [
            create(self.workspace, clean({"email": f"twin{number}@x.co", "lastName": "Twin"}, needs_email=True), by=BY)
            for number in range(2)
        ]
        self.rows["merge"] = merging.merge(self.workspace, twins[0], twins[1:], picks={}, by=BY)

    def _campaigns(self) -> None:
        server = {"smtp_host": "127.0.0.1", "imap_host": "127.0.0.1"}
        self.workspace.postal_address = "1 Long Street, Springfield"
        Workspace.objects.filter(pk=self.workspace.pk).update(postal_address=self.workspace.postal_address)
        account = accounts.create(self.workspace, {"email": "sam@acme.example", "name": "Sam", **server})
        EmailAccount.objects.filter(
            pk=accounts.create(self.workspace, {"email": "old@acme.example", **server}).pk
        ).update(state="failing", last_error="535 5.7.8 Authentication failed")
        draft = {"name": "Spring fair", "account_id": account.pk, "workflow": branching()}
        self.rows["campaign_draft"] = campaigns.create(self.workspace, draft, by=BY)
        values = {
            "name": "Autumn fair",
            "account_id": account.pk,
            "workflow": sequence(email("first"), email("second")),
        }
        made = campaigns.create(self.workspace, values, by=BY)
        with change(self.workspace, BY) as unit:
            enrolling.enrol(unit, made, Contact.objects.of(self.workspace).exclude(email=None))
        campaign = campaigns.start(self.workspace, made.pk, by=BY)
        self.rows |= {"campaigns_campaign": campaign, "campaigns_emailaccount": account}
        self._sent(campaign, account)

    def _sent(self, campaign: Campaign, account: EmailAccount) -> None:
        at = clock.now() - timedelta(hours=3)
        enrolments = Enrolment.objects.filter(campaign=campaign).select_related("contact").order_by("id")
        messages = [
            Message.objects.create(
                workspace=self.workspace,
                campaign=campaign,
                enrolment=enrolment,
                contact=enrolment.contact,
                account=account,
                node_id="first",
                state=Message.State.TAKEN,
                message_id=f"<{number}@acme.example>",
                recipient=enrolment.contact.email,
                subject="Hello",
                claimed_at=at,
                tracks_opens=True,
            )
            for number, enrolment in enumerate(enrolments)
        ]
        with change(self.workspace, BY) as unit:
            outcomes.sent_many(unit, [(message, "250 OK", at) for message in messages[:-1]])
            for message in messages[:3]:
                outcomes.opened(unit, message, at=clock.now(), user_agent=None, address=None)
            outcomes.replied(unit, messages[0], subject="Re: Hello", preview="Tell me more.")
            outcomes.bounced(unit, messages[1], hard=True, reason="550 5.1.1 Unknown user")
        Message.objects.filter(pk=messages[-1].pk).update(state=Message.State.UNCERTAIN)
        self.rows["campaigns_message"] = messages[0]

    def _answers(self) -> None:
        campaign, account = self.rows["campaigns_campaign"], self.rows["campaigns_emailaccount"]
        for number, contact in enumerate(Contact.objects.of(self.workspace).order_by("id")[:3]):
            at = clock.now() - timedelta(hours=number)
            talk = Conversation.objects.create(
                workspace=self.workspace, contact=contact, account=account, campaign=campaign, last_at=at
            )
            ReceivedMail.objects.create(
                workspace=self.workspace,
                folder=MailFolder.objects.filter(account=account)[0],
                uid_validity=1,
                uid=number,
                conversation=talk,
                contact=contact,
                kind="reply",
                message_id=f"<{number}@x.co>",
                subject="Re: Hello",
                text="Tell me more.\n\n> Hello",
                at=at,
            )
            self.rows["campaigns_conversation"] = talk

    def _connections(self) -> None:
        events = ["contact.created", "email.replied"]
        webhook, _secret = webhooks.create(self.workspace, url="https://example.com/hook", events=events)
        self.rows |= {"webhooks_webhook": webhook, "log_id": webhooks.begin_test(webhook, by=BY)}
        self.rows["workspaces_apikey"] = create_api_key(self.workspace, name="Zapier")[0]
        self.rows["workspaces_membership"] = self.workspace.memberships.get(user=self.member)
        self.rows["workspaces_workspace"] = self.workspace
