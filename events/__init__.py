"""The outbox: what changed, who did it, and when. It knows neither the catalogue nor the importer."""
