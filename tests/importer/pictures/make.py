"""Bytes of pictures, and of what is none."""

import io

from PIL import Image


def encode(picture: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def jpeg(size=(800, 600), colour="red", **options) -> bytes:
    return encode(Image.new("RGB", size, colour), "JPEG", **options)


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "lime", "blue")]
    return encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def answer(
    body: bytes, content_type: str = "image/jpeg", length: int | None = None, extra: str = ""
) -> bytes:
    """Return an HTTP answer; `length` may lie."""
    size = len(body) if length is None else length
    headers = f"Content-Type: {content_type}\r\nContent-Length: {size}\r\n{extra}Connection: close\r\n"
    return f"HTTP/1.1 200 OK\r\n{headers}\r\n".encode() + body
