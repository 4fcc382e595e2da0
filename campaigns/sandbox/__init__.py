"""A campaign of several weeks in a minute: real servers on loopback, scripted recipients, time that is moved."""
