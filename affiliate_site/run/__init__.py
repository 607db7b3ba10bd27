"""How the site is started and kept running: servers, processes, and what a start needs before the first page."""
