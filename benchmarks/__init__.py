"""What must be fast, against what. Every benchmark prints its figures and ratios of one run."""
