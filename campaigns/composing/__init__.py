"""Makes outgoing e-mails: templates, HTML and plain text, links, footer and the message's bytes.

Pure functions over text and dataclasses: no database, no network, no clock. Once per e-mail version
``message.prepare``; then per recipient ``Prepared.compose``, ``footer.with_footer``, ``links.rewrite_links``,
``footer.with_pixel`` and ``message.build``.
"""
