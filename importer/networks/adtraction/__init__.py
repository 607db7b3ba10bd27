"""Everything of Adtraction, as publishers meet it."""
