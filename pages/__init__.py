"""Pages and guides: text of the site's own, with live products inside."""
