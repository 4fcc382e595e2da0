from campaigns.models.account import EmailAccount
from campaigns.models.campaign import Campaign, Winner, WorkflowVersion
from campaigns.models.enrolment import IN_CAMPAIGN, Enrolment
from campaigns.models.mail import Conversation, MailFolder, ReceivedMail, Reply
from campaigns.models.message import Click, Link, Message
from campaigns.models.tally import COUNTED, Activity, Tally

__all__ = [
    "COUNTED",
    "IN_CAMPAIGN",
    "Activity",
    "Campaign",
    "Click",
    "Conversation",
    "EmailAccount",
    "Enrolment",
    "Link",
    "MailFolder",
    "Message",
    "ReceivedMail",
    "Reply",
    "Tally",
    "Winner",
    "WorkflowVersion",
]
