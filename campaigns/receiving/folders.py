"""Which folders of an account are read besides its inbox: junk and sent, known by their flags or usual names."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from campaigns.models import EmailAccount, MailFolder
from campaigns.receiving.folder_names import FolderName, quoted_name
from campaigns.receiving.mailbox import Mailbox
from campaigns.receiving.phrases import phrases
from campaigns.receiving.subjects import fold
from fluenzr_site.core import ids

Role = MailFolder.Role

_LONGEST_NAME: Final = 255
# RFC 6154 and RFC 5258. A folder that can't be opened is none to read.
_FLAGS: Final = {Role.JUNK: "\\Junk", Role.SENT: "\\Sent"}
_UNOPENED: Final = ("\\Noselect", "\\NonExistent")
# Folders stand beside the inbox or, with some servers, below it; Gmail has a root of its own.
_ROOT: Final = re.compile(r"(?:inbox|\[(?:gmail|google mail)\])[./\\]", re.IGNORECASE)
_USUAL: Final = {
    Role.JUNK: phrases(
        "junk|spam|junk e-mail|junk email|junk mail|junk-e-mail|bulk mail|bulk|courrier indésirable|indésirables"
        "|pourriel|unerwünscht|unerwünschte e-mails|spamverdacht|spam-verdacht|correo no deseado|no deseado"
        "|correo basura|lixo eletrônico|lixo electrónico|posta indesiderata|indesiderata|ongewenste e-mail|ongewenst"
        "|skräppost|søppelpost|uønsket e-mail|uønsket post|roskaposti|nevyžádaná pošta|wiadomości-śmieci|спам"
        "|нежелательная почта|迷惑メール|垃圾邮件|垃圾郵件|जंक|जंक ई-मेल|जंक ईमेल|स्पैम"
    ),
    Role.SENT: phrases(
        "sent|sent items|sent mail|sent-mail|sent messages|sent e-mail|envoyés|éléments envoyés|messages envoyés"
        "|courrier envoyé|gesendet|gesendete objekte|gesendete elemente|gesendete nachrichten|enviados"
        "|elementos enviados|mensajes enviados|correo enviado|itens enviados|mensagens enviadas|enviadas"
        "|e-mails enviados|posta inviata|inviata|inviati|messaggi inviati|verzonden|verzonden items"
        "|verzonden berichten|skickat|skickade objekt|sendt|sendt post|sendte elementer|lähetetyt|odeslaná pošta"
        "|odeslané|wysłane|elementy wysłane|отправленные|送信済み|送信済みアイテム|已发送|已发送邮件|寄件備份"
        "|भेजे गए|भेजे गए आइटम|भेजी गई मेल"
    ),
}
_FOLDED: Final = {role: frozenset(fold(name) for name in names) for role, names in _USUAL.items()}


def are_due(account: EmailAccount, now: datetime) -> bool:
    """Whether the account's folders are to be listed: when it is read for the first time at all, or on a day."""
    return account.last_read_at is None or account.last_read_at.astimezone(UTC).date() < now.astimezone(UTC).date()


def look(mailbox: Mailbox, account: EmailAccount, now: datetime) -> None:
    """List the account's folders, and read junk and sent from now on. Raises MailboxError.

    One that was given up because it was gone is read on where it is there again.
    """
    for role, name in chosen(mailbox.folders()).items():
        values = {"id": ids.new("fdr"), "role": role, "due_at": now}
        folder, is_new = MailFolder.objects.get_or_create(account=account, name=name, defaults=values)
        if not is_new and folder.role != Role.INBOX:
            MailFolder.objects.filter(pk=folder.pk, due_at=None).update(due_at=now, role=role)


def chosen(folders: Iterable[FolderName]) -> dict[Role, str]:
    """The name of the junk and of the sent folder, where there is one: a flag tells more than a name."""
    readable = [each for each in folders if _is_readable(each)]
    found: dict[Role, str] = {}
    for role, flag in _FLAGS.items():
        rest = [each for each in readable if each.name not in found.values()]
        flagged = [each.name for each in rest if each.has(flag)]
        named = [each.name for each in rest if _is_called(each.name, role) and not _is_other(each, role)]
        if flagged or named:
            found[role] = (flagged or named)[0]
    return found


def _is_readable(folder: FolderName) -> bool:
    if folder.name.upper() == "INBOX" or len(folder.name) > _LONGEST_NAME or any(map(folder.has, _UNOPENED)):
        return False
    try:
        quoted_name(folder.name)
    except ValueError:
        return False
    return True


def _is_called(name: str, role: Role) -> bool:
    return fold(_ROOT.sub("", name, count=1) if _ROOT.match(name) else name) in _FOLDED[role]


def _is_other(folder: FolderName, role: Role) -> bool:
    """Whether its flag says that it is for something else, whatever it is called."""
    return any(folder.has(flag) for other, flag in _FLAGS.items() if other != role)
