"""How the site is started and kept running: servers, processes, and what comes before the first page."""
