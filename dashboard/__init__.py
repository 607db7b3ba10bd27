"""The dashboard's frame: home, users, one's own account and the menu. The only app that sees every other."""
