"""Codes and their sentences: none is raised without one, none needs what it is not given."""

import ast
import pickle
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import translation

from importer.http.client import Http
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.models import NetworkAccount, SyncRun
from importer.reasons import Reason, try_again
from importer.sentences import REFUSED, SENTENCES, UNAVAILABLE, Sentence, say
from tests.importer.make import make_account, make_feed
from tests.test_house import source_files

# Where a code is given, and what comes before it: the tables that it must be in.
MAKERS = {
    "refused": REFUSED,
    "unavailable": UNAVAILABLE,
    "NetworkError": REFUSED,
    "NetworkUnavailable": UNAVAILABLE,
    "Busy": UNAVAILABLE,
    "HostBusy": UNAVAILABLE,
    "SearchNotSupported": REFUSED,
    "NoFeed": UNAVAILABLE,
    "Damaged": UNAVAILABLE,
    "Refused": REFUSED,
    "web_page": UNAVAILABLE,
    "Reason": SENTENCES,
    "Sentence": SENTENCES,
}
OPTIONAL = {"network"}  # stands before a sentence that does not name it, and `Http` adds it
CODE = re.compile(r"[a-z][a-z_0-9]+")


class Call:
    """A call that makes a reason: the names of its constant codes, and of what it gives."""

    def __init__(self, path, node: ast.Call, constants: dict[str, str]) -> None:
        self.where = f"{path.relative_to(settings.BASE_DIR)}:{node.lineno}"
        self.maker = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        self.is_clear = bool(node.args)
        self.codes = list(codes_of(node.args[0], constants)) if node.args else []
        self.given = {keyword.arg for keyword in node.keywords}
        self.has_more = None in self.given or any(not isinstance(a, ast.Constant) for a in node.args[1:])
        for argument in node.args[1:]:
            if isinstance(argument, ast.Dict):
                self.given |= {key.value for key in argument.keys if isinstance(key, ast.Constant)}
                self.has_more = False


def codes_of(node: ast.expr, constants: dict[str, str]) -> Iterator[str]:
    """Yield the codes that an expression may be; nothing where it hands on another's."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.JoinedStr):
        yield "free text"
    elif isinstance(node, ast.IfExp):
        yield from (*codes_of(node.body, constants), *codes_of(node.orelse, constants))
    elif isinstance(node, ast.Name) and node.id in constants:
        yield constants[node.id]


def calls() -> Iterator[Call]:
    constants = dict(shared_constants())
    sources = (path for app in ("importer", "desk", "sales") for path in source_files(app))
    for path in sources:
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in MAKERS:
                    yield Call(path, node, constants)


def shared_constants() -> Iterator[tuple[str, str]]:
    """Yield the module constants that hold codes, by name."""
    for path in source_files("importer"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                target = node.targets[0]
                if isinstance(target, ast.Name) and node.value.value in SENTENCES:
                    yield target.id, node.value.value


CALLS = list(calls())


def test_the_house_makes_many_reasons():
    assert len([call for call in CALLS if call.codes]) > 60


def test_no_error_is_raised_with_free_text():
    wrong = [call.where for call in CALLS for code in call.codes if not CODE.fullmatch(code)]
    assert not wrong


def test_every_code_has_a_sentence_of_its_kind():
    wrong = [(call.where, code) for call in CALLS for code in call.codes if code not in MAKERS[call.maker]]
    assert not wrong


def test_every_parameter_that_a_sentence_names_is_given():
    missing = [
        (call.where, code, needed)
        for call in CALLS
        for code in call.codes
        if not call.has_more and (needed := parameters(code) - call.given - OPTIONAL)
    ]
    assert not missing


def test_every_sentence_is_somebody_s():
    used = {code for call in CALLS for code in call.codes}
    apps = ("importer", "sales", "desk")
    paths = [path for app in apps for path in (*source_files(app), *(settings.BASE_DIR / app).rglob("*.sql"))]
    text = "".join(path.read_text() for path in paths if path.name != "sentences.py")
    text = text.replace("'", '"')  # as SQL writes them
    assert not {code for code in SENTENCES if code not in used and f'"{code}"' not in text}


def parameters(code: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", str(SENTENCES[code])))


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_reads_as_one(code):
    sentence = say(Reason(code, dict.fromkeys(parameters(code), "x")))
    assert re.fullmatch(r"[A-Zx].*[.”]", sentence)
    assert "%" not in sentence


# --- How they read -------------------------------------------------------------------------------
def test_a_network_stands_before_what_does_not_name_it():
    http = Http(name="Adtraction")
    assert (
        say(http.unavailable("unreachable", host="api.example"))
        == "Adtraction: api.example cannot be reached. Try again in a few minutes."
    )
    assert say(http.refused("no_feed", said="Not approved.")).startswith("Adtraction sent no feed: Not app")
    assert say(Http().unavailable("unreachable", host="")).startswith("the server cannot be reached.")


def test_others_words_are_not_taken_for_a_pattern():
    said = "100 %(host)s %s {0} <b>"
    assert said in say(NetworkError("no_feed", network="Adtraction", said=said))


def test_numbers_are_written_as_the_reader_writes_them():
    reason = Reason("products_gone", {"gone": 1500, "live": 20000})
    with translation.override("en"):
        assert say(reason) == "1,500 of 20,000 products would be gone."
    with translation.override("de"):
        assert "1.500" in say(reason)


def test_a_code_of_another_version_still_reads():
    assert say(Reason("moon_in_the_way", {"phase": "full"})) == "Moon in the way."
    assert (
        say(Reason("rate_limited", {"who": "Adtraction"})) == "Adtraction allows no more requests for now?."
    )


def test_secrets_are_in_no_parameter():
    error = Http(secrets=["s3cret"], name="N").failure(403, {}, "token s3cret is unknown")
    assert "s3cret" not in f"{error} {error.params} {say(error)} {error.reason.to_text()}"


def test_an_error_survives_being_sent():
    error = NetworkUnavailable("rate_limited", 60, who="Adtraction", said="")
    sent = pickle.loads(pickle.dumps(error))  # noqa: S301 our own
    assert (sent.code, sent.params, sent.retry_after) == (error.code, error.params, 60)
    assert say(sent) == say(error)


# --- How they are kept -----------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_column_keeps_the_code_and_reads_as_the_sentence():
    run = SyncRun.objects.create(
        feed=make_feed(), message=Reason("answer_cut", {"host": "x.example"}, try_again(60))
    )
    run = SyncRun.objects.get(pk=run.pk)
    assert isinstance(run.message, Sentence)
    assert (run.message.code, run.message.params) == ("answer_cut", {"host": "x.example"})
    assert str(run.message) == "The answer of x.example was cut off. Try again in 60 seconds."
    assert list(SyncRun.objects.values_list("message", flat=True)) == [run.message]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "Plain words.", '{"a": 1}', "{not json"])
def test_a_column_keeps_plain_words_as_they_are(text):
    account = make_account("adtraction", check_error=text)
    assert NetworkAccount.objects.get(pk=account.pk).check_error == text
