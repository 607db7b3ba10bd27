"""What operators see of a running site: an id for each request, logs for machines, numbers for Prometheus."""
