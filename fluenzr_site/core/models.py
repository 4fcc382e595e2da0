from django.db import models


class Heartbeat(models.Model):
    """When a kind of worker was last seen at work."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at}"
