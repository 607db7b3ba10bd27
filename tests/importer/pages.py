"""Looking at pages."""

HTMX = {"HX-Request": "true"}


def text_of(response) -> str:
    return response.content.decode()


def is_part(response) -> bool:
    return "<html" not in text_of(response)
