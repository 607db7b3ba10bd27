"""What a person set, as a file for another site: no secret, nothing that means something here alone."""
