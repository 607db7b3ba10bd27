"""`manage.py admin_password`: a new password for who lost theirs, and for nobody else."""

import io
import re

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from affiliate_site.run.preparation import make_first_administrator

pytestmark = pytest.mark.django_db


def admin_password(*args: str) -> tuple[str, str]:
    out = io.StringIO()
    call_command("admin_password", *args, stdout=out)
    return re.match(r"(\S+) now has the password (\S+)", out.getvalue()).groups()


def test_the_only_administrator_needs_no_name():
    User.objects.create_superuser("ada", password="lost")
    name, password = admin_password()
    assert name == "ada"
    assert User.objects.get(username="ada").check_password(password)


def test_of_several_one_is_named_and_an_editor_is_none():
    for name in ("ada", "bob"):
        User.objects.create_superuser(name, password="lost")
    User.objects.create_user("eve", password="hers")
    for args in ([], ["eve"], ["nobody"]):
        with pytest.raises(CommandError, match="There are: ada, bob"):
            admin_password(*args)
    assert User.objects.get(username="eve").check_password("hers")
    assert admin_password("bob")[0] == "bob"
    assert User.objects.get(username="ada").check_password("lost")


def test_without_an_administrator_it_says_who_makes_one():
    with pytest.raises(CommandError, match="no administrator yet"):
        admin_password()


def test_an_administrator_whose_password_could_not_be_said_is_not_made():
    def say(line: str) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        make_first_administrator(say)
    assert not User.objects.exists()
    said = []
    make_first_administrator(said.append)
    make_first_administrator(said.append)
    assert len(said) == 1
    assert User.objects.get().check_password(re.search(r"password (\S+) ", said[0])[1])
