"""Bytes become upright WebP pictures in sRGB, or a sentence on why not."""

import io
import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from catalog.pictures.picture import WIDTHS, Picture, PictureError, render
from tests.importer.pictures.make import encode, jpeg

RED, BLUE = (254, 0, 0), (0, 0, 254)


def close(pixel, colour, by=24) -> bool:
    return all(abs(one - other) <= by for one, other in zip(pixel, colour, strict=False))


def opened(rendition) -> Image.Image:
    picture = Image.open(io.BytesIO(rendition.data))
    assert picture.format == "WEBP"
    assert picture.size == (rendition.width, rendition.height)
    return picture


@pytest.mark.parametrize(
    ("size", "widths"),
    [
        ((200, 100), [200]),
        ((320, 100), [320]),
        ((500, 400), [320, 500]),
        ((640, 640), [320, 640]),
        ((1000, 400), [320, 640, 1000]),
        ((1280, 900), [320, 640, 1280]),
        ((4000, 3000), [320, 640, 1280]),
    ],
)
def test_no_picture_is_enlarged(size, widths):
    renditions = render(jpeg(size))
    assert [rendition.width for rendition in renditions] == widths
    for rendition in renditions:
        assert abs(rendition.width / rendition.height - size[0] / size[1]) < 0.02


def test_a_tall_picture_is_bounded_in_height():
    assert [(each.width, each.height) for each in render(jpeg((1000, 6000)))] == [
        (320, 1919),
        (427, 2560),
    ]


def turned(orientation: int) -> bytes:
    """Red on the left, blue on the right, and an EXIF note on how the camera was held."""
    picture = Image.new("RGB", (400, 200), RED)
    picture.paste(BLUE, (200, 0, 400, 200))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "A camera that nobody need know"
    return encode(picture, "JPEG", quality=95, exif=exif)


@pytest.mark.parametrize(
    ("orientation", "size", "top_left"),
    [(1, (400, 200), RED), (3, (400, 200), BLUE), (6, (200, 400), RED), (8, (200, 400), BLUE)],
)
def test_pictures_are_turned_upright_and_their_exif_is_dropped(orientation, size, top_left):
    data = render(turned(orientation))[-1]
    picture = opened(data)
    assert picture.size == size
    assert close(picture.convert("RGB").getpixel((5, 5)), top_left)
    assert not picture.getexif()
    assert b"camera" not in data.data


MODES = {
    "CMYK": encode(Image.new("CMYK", (50, 50), (0, 255, 255, 0)), "JPEG", quality=95),
    "palette": encode(Image.new("RGB", (50, 50), RED).convert("P"), "PNG"),
    "still GIF": encode(Image.new("RGB", (50, 50), RED), "GIF"),
    "AVIF": encode(Image.new("RGB", (50, 50), RED), "AVIF"),
    "WebP": encode(Image.new("RGB", (50, 50), RED), "WEBP"),
    "RGBA": encode(Image.new("RGBA", (50, 50), (*RED, 255)), "PNG"),
}


@pytest.mark.parametrize("data", MODES.values(), ids=MODES)
def test_every_kind_of_colour_comes_out_the_same(data):
    assert close(opened(render(data)[0]).convert("RGB").getpixel((25, 25)), RED)


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("I;16", (50, 50), 32_896),
        Image.new("L", (50, 50), 128),
        Image.new("LA", (50, 50), (128, 255)),
    ],
    ids=["16 bits", "8 bits", "8 bits and transparency"],
)
def test_greys_stay_grey(picture):
    assert close(opened(render(encode(picture, "PNG"))[0]).convert("RGB").getpixel((9, 9)), (128,) * 3, by=3)


def test_transparency_stays():
    picture = Image.new("RGBA", (900, 900), (0, 0, 0, 0))
    picture.paste(RED, (300, 300, 600, 600))
    for rendition in render(encode(picture, "PNG")):
        result, middle = opened(rendition), rendition.width // 2
        assert result.getpixel((5, 5))[3] == 0
        assert result.getpixel((middle, middle))[3] == 255


def test_colours_of_another_profile_are_brought_to_srgb():
    picture = Image.new("RGB", (50, 50), (120, 60, 60))
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert render(encode(picture, "JPEG", icc_profile=lab)), "a profile that does not fit is left aside"
    assert render(encode(picture, "JPEG", icc_profile=b"nonsense"))


def test_a_large_picture_keeps_its_drawing_through_the_strips():
    picture = Image.new("RGB", (6000, 5000), RED)
    picture.paste(BLUE, (0, 2500, 6000, 5000))
    result = opened(render(encode(picture, "PNG", compress_level=1))[-1]).convert("RGB")
    assert close(result.getpixel((600, 500)), RED)
    assert close(result.getpixel((600, 560)), BLUE)
    assert close(result.getpixel((1270, result.height - 1)), BLUE)


def test_the_same_bytes_have_the_same_name_whatever_was_asked_before():
    one, two = Picture(jpeg()), Picture(jpeg())
    assert len(one.renditions) == len(WIDTHS)
    assert one.digest == two.digest != Picture(jpeg(colour="blue")).digest


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_bytes_are_a_picture_or_a_sentence(data):
    source = bytearray(data.draw(st.sampled_from([*MODES.values(), turned(6)])))
    for _ in range(data.draw(st.integers(1, 8))):
        source[data.draw(st.integers(0, len(source) - 1))] = data.draw(st.integers(0, 255))
    with suppress(PictureError):  # any other error is a bug
        assert render(bytes(source))


LARGEST = {
    "JPEG": {},
    "progressive JPEG": {"progressive": True, "subsampling": 0},
    "PNG": {"compress_level": 1},
    "GIF": {},
    "AVIF": {"speed": 10},
    "WEBP": {"method": 0},
}
MEASURE = """
import resource, sys
from django.conf import settings
from pathlib import Path
settings.configure(BASE_DIR=Path.cwd(), VAR_DIR=Path(sys.argv[1]).parent)
from PIL import Image
from catalog.pictures.picture import render
Image.init()
data = open(sys.argv[1], "rb").read()
peak = lambda who: resource.getrusage(who).ru_maxrss >> 10
before = peak(resource.RUSAGE_SELF)
assert [each.width for each in render(data)] == [320, 640, 1280]
print(peak(resource.RUSAGE_SELF) - before, peak(resource.RUSAGE_CHILDREN))
"""


def run_alone(code: str, *arguments) -> str:
    """Run Python in a process that a small one starts: it would inherit the peak of this one."""
    shell = ["sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(shell, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("kind", LARGEST)
def test_fifty_megapixels_of_any_kind_leave_the_worker_small(kind, tmp_path):
    path = tmp_path / "large"
    arguments = f"r'{path}', '{kind.split()[-1]}', **{LARGEST[kind]}"
    run_alone(f"from PIL import Image; Image.new('RGB', (7000, 7000), {RED}).save({arguments})")
    here, apart = map(int, run_alone(MEASURE, path).split())
    assert here < 60, f"{here} MB in the process that asks"
    assert 40 < apart < 1_000, f"{apart} MB in the process that draws"


def test_a_small_picture_needs_no_process_of_its_own(monkeypatch):
    monkeypatch.setattr("catalog.pictures.picture._draw_apart", None)
    assert render(jpeg((4000, 3000)))
    assert render(encode(Image.new("RGB", (2400, 2400), RED), "WEBP", method=0))


@pytest.fixture
def large() -> bytes:
    """A picture that is drawn apart: 12 megapixels of WebP, red above, blue below."""
    picture = Image.new("RGB", (4000, 3000), RED)
    picture.paste(BLUE, (0, 1500, 4000, 3000))
    return encode(picture, "WEBP", method=0)


def test_what_is_drawn_apart_is_the_same(large, monkeypatch):
    apart = render(large)
    monkeypatch.setattr("catalog.pictures.picture.LARGE", 10**12)
    assert apart == render(large)
    assert [each.width for each in apart] == [320, 640, 1280]


def test_a_large_picture_that_is_damaged_is_refused_in_words(large):
    with pytest.raises(PictureError, match="cut off or damaged"):
        render(large[:-2000] + b"x" * 1000)


def test_too_little_memory_and_time_are_said_in_words(large, monkeypatch):
    monkeypatch.setattr("catalog.pictures.picture.MOST", 200_000_000)
    with pytest.raises(PictureError, match="too much memory"):
        render(large)
    monkeypatch.setattr("catalog.pictures.picture.MOST", 1_400_000_000)
    monkeypatch.setattr("catalog.pictures.picture.SECONDS", 0.01)
    with pytest.raises(PictureError, match="too long"):
        render(large)
