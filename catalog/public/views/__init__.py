"""Pages that visitors see. No login, no cookie, no JavaScript."""
