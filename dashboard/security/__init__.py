"""How people prove who they are: a second factor, passkeys, a lost password, and where they are logged in."""
