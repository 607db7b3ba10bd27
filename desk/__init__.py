"""The advertiser's side of the networks: own products, publishers, conversions, a program."""
