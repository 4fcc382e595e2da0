"""Understands incoming mail: what a message is, whom it is about, which of ours it answers.

Pure functions over bytes and dataclasses: no database, no network, no clock. ``parsing.read`` first, then
``classify.kind``, ``matching.match`` and ``preview.reply_preview``.
"""
