"""The host of an address."""

import pytest

from catalog.lib.addresses import host_of


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://img.example/a.jpg", "img.example"),
        ("HTTPS://IMG.example:8443/a/b?c=/d", "img.example"),
        ("http://img.example", "img.example"),
        ("https://img.example?a=https://other.example/", "img.example"),
        ("https://user:word@img.example/a", ""),
        ("https://[::1]:80/a", "::1"),
        ("https://[broken/a", ""),
        ("ftp://img.example/a", ""),
        ("javascript:alert(1)//x/", ""),
        ("//img.example/a", ""),
        ("data:image/png;base64,AAAA", ""),
        ("https://img.example\\@other.example/", ""),
        ("https://img .example/", ""),
        ("https://img.example/\n", ""),
        (f"https://{'a' * 254}/", ""),
        ("", ""),
    ],
)
def test_the_host_of_an_address(url, host):
    assert host_of(url) == host
