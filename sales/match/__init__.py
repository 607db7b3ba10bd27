"""Find out what was clicked: the offer, or what else is known of it."""

from sales.match.matching import match_sales

__all__ = ["match_sales"]
