"""What the sandbox's networks report: clicks become sales, and time decides them."""
