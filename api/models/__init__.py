from api.models.answers import KeptAnswer
from api.models.tokens import Token
from api.models.webhooks import Delivery, Webhook

__all__ = ["Delivery", "KeptAnswer", "Token", "Webhook"]
