"""Sums by day, and of products by span, made from the rows whenever these change.

Triggers (`Touched`) note what a statement changed, whoever wrote it: a reader of reports, matching, a
cascade. So no sum can be forgotten; it is made in the transaction of the change where that is quick, else by
a worker some seconds later. Two never make sums at once.
"""

from sales.rollups.making import make_touched, rebuild, turn_day

__all__ = ["make_touched", "rebuild", "turn_day"]
