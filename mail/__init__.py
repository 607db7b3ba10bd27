"""E-mail: an outbox, and the one worker that empties it. It knows nobody who writes."""
