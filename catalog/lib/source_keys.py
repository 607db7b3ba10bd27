"""Keys of what comes from a source: they begin with its slug and a colon; whoever imports makes the rest."""


def source_of(key: str) -> str:
    """Return the slug of the source."""
    return key.partition(":")[0]


def own_part(key: str) -> str:
    """Return what the source itself calls the thing."""
    return key.partition(":")[2]
