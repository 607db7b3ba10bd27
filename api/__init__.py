"""The REST API and the webhooks: every service, for programs."""
