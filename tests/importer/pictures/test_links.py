"""The host that a picture's address has."""

import pytest

from catalog.pictures.links import host_of


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://img.example/a.jpg", "img.example"),
        ("HTTPS://IMG.example:8443/a/b?c=/d", "img.example"),
        ("http://img.example", "img.example"),
        ("https://img.example?a=https://other.example/", "img.example"),
        ("https://user:word@img.example/a", "img.example"),
        ("https://[::1]:80/a", "::1"),
        ("https://[broken/a", ""),
        ("ftp://img.example/a", ""),
        ("javascript:alert(1)//x/", ""),
        ("//img.example/a", ""),
        ("data:image/png;base64,AAAA", ""),
        ("", ""),
    ],
)
def test_the_host_of_an_address(url, host):
    assert host_of(url) == host
