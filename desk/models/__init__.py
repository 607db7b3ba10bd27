from desk.models.accounts import DeskAccount

__all__ = ["DeskAccount"]
