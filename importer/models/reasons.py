"""A column for reasons."""

import json
from typing import Any

from django.db import models

from importer.reasons import Reason
from importer.sentences import Sentence


class ReasonField(models.TextField):
    """Holds a reason as JSON, and reads as its sentence in the reader's language; "" where there is none.

    Plain text is kept as it is: what has no code yet.
    """

    def from_db_value(self, value: str | None, *_: Any) -> str | Sentence | None:
        return self.to_python(value)

    def to_python(self, value: Any) -> Any:
        is_reason = isinstance(value, str) and value.startswith('{"code"')
        return Sentence.from_json(json.loads(value)) if is_reason else value

    def get_prep_value(self, value: Any) -> Any:
        return value.to_text() if isinstance(value, Reason) else value
