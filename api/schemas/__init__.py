"""What the API sends and takes, a file per subject."""
