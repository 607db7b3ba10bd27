"""Mail to people who work here: what needs them, once a day, and at once where a network refuses us."""
