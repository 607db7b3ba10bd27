"""What workers do for the desk. A task takes ids, calls a service and holds the rule for trying again."""
