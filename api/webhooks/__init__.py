"""Events on their way to other people's servers: collected, signed, sent, tried again, given up."""
