"""Everything of Tradedoubler, as publishers meet it."""
