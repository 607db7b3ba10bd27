"""Answers to writes that named a key, so that a program that heard nothing may ask again."""

from django.db import models

from api.models.tokens import Token


class KeptAnswer(models.Model):
    """What a write was answered, written in the transaction of the write itself."""

    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="answers", db_index=False)
    key = models.CharField(max_length=255, help_text="The Idempotency-Key of the request.")
    digest = models.CharField(max_length=64, help_text="Of method, address and body.")
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="api_answer_key_once")]

    def __str__(self) -> str:
        return self.key
