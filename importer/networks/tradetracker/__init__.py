"""Everything of TradeTracker, as publishers meet it."""
