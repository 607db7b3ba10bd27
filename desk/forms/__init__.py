from desk.forms.accounts import DeskAccountForm

__all__ = ["DeskAccountForm"]
