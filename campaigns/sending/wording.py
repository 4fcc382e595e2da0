"""What sending an e-mail comes to, as it is kept in English: of a contact, an account and an answer."""

from typing import Final

from fluenzr_site.core.saying import Sentence, say

# ------------------------------------------------------------------- of a contact, whose name goes before
UNCERTAIN: Final = say("waits for a person: whether the e-mail was sent isn't known")
NO_EMAIL_HERE: Final = say("stands at an e-mail that isn't there")
FAILED_BEFORE: Final = say("couldn't be sent its e-mail before")
NEVER_MAILED: Final = Sentence("%(why)s and is never mailed")
REFUSED: Final = Sentence("was refused: %(answer)s")
NO_ADDRESS: Final = Sentence("can't be written to: %(why)s")
UNWRITTEN: Final = Sentence("couldn't be sent its e-mail: writing it failed (%(error)s)")

# ------------------------------------------------------------------------------ of a person's own answer
ANSWER_CUT_OFF: Final = say("its sending was cut off")
ANSWER_UNWRITTEN: Final = Sentence("can't be written: %(why)s")

# ------------------------------------------------------------------------------------------- of a server
NO_STARTTLS: Final = Sentence("%(host)s does not offer STARTTLS")
NO_LOGIN: Final = Sentence("%(host)s offers no way to log in with a password here")
OUT_OF_TURN: Final = say("The server speaks out of turn")
ONLY_ASCII: Final = say("The server takes no address outside ASCII (SMTPUTF8)")
# As an error says it, and a bounce's reason.
ONLY_ASCII_SAID: Final = say("553 The server takes no address outside ASCII (SMTPUTF8)")
LOST: Final = Sentence("Lost while the message went out: %(why)s")
NO_REPLY: Final = Sentence("Not a reply to a message: %(answer)s")
CLOSED: Final = say("The connection was closed before")
PLAIN_TEXT: Final = say("The server went on in plain text after STARTTLS")
NOT_SMTP: Final = say("The server does not speak SMTP")
NOT_CRAM_MD5: Final = say("The server does not speak CRAM-MD5")
