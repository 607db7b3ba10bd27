"""Price alerts for visitors: ask, confirm, watch prices, tell, stop (docs/alerts.md)."""
