"""What this machine says of its connections, in Python's and the system's English: known, so that pages say it again.

Nothing here is ever said by us.
"""

from fluenzr_site.core.saying import Sentence, say

#: As Python puts them around the system's words.
AROUND = (
    Sentence("[Errno %(number)s] %(why)s"),
    Sentence("[SSL: %(name)s] %(why)s (_ssl.c:%(line)s)"),
    Sentence("certificate verify failed: %(why)s"),
)
CONNECTING = (
    say("Connection refused"),
    say("Connection reset by peer"),
    say("Connection timed out"),
    say("timed out"),
    say("Broken pipe"),
    say("No route to host"),
    say("Network is unreachable"),
    say("Name or service not known"),
    say("No address associated with hostname"),
    say("Temporary failure in name resolution"),
)
TLS = (
    say("self-signed certificate"),
    say("self-signed certificate in certificate chain"),
    say("certificate has expired"),
    say("certificate is not yet valid"),
    say("unable to get local issuer certificate"),
    say("wrong version number"),
    Sentence("Hostname mismatch, certificate is not valid for '%(host)s'."),
    Sentence("IP address mismatch, certificate is not valid for '%(host)s'."),
)
