"""A product's texts beside what its feed says: what a person edited stays."""

from catalog.services.bulk_data import TextData


def follow(title: str, description: str, imported: dict, texts: dict[str, str]) -> TextData:
    """Return a product's texts after the feed says `texts`.

    A text that differs from what the feed said before was edited by a person and stays; `imported` always
    takes the feed's word, so that the person can ask for it.
    """
    current = {"title": title, "description": description}
    for name, text in texts.items():
        if current[name] == imported.get(name, ""):
            current[name] = text
    return TextData(**current, imported=imported | texts)
