from django.db import models

from fluenzr_site.workspaces.models import Workspace


class KeptAnswer(models.Model):
    """The answer to a request with an ``Idempotency-Key``, kept for a day."""

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    # A digest of what was asked: path and body.
    asked = models.CharField(max_length=64)
    status = models.SmallIntegerField(default=0)
    body = models.BinaryField(default=bytes)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "key"], name="kept_answer_once"),
        ]
        indexes = [
            # What is old goes.
            models.Index(fields=["created_at"], name="kept_answer_age"),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"
