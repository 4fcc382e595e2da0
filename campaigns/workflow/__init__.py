"""A campaign's workflow as a graph: read it, check it, take the next step. Pure: no Django, no database."""
