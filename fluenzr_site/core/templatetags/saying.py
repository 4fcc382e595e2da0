"""``{{ problem.message|said }}``: what was said in English, in the reader's language."""

from django import template

from fluenzr_site.core.said import in_words

register = template.Library()
register.filter("said", in_words)
