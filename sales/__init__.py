"""What the networks paid for our clicks: read, matched, and shown honestly."""
