"""The lists of the dashboard: one way to write them."""

import pytest
from django.core.paginator import Paginator
from django.template import RequestContext, Template, TemplateSyntaxError
from django.test import RequestFactory


def draw(body: str, **context) -> str:
    request = RequestFactory().get("/list/?q=lamp")
    return Template("{% load lists %}" + body).render(RequestContext(request, context))


PLAIN = """{% table shop in rows caption="Shops" %}
  {% column "Name" kind="main" %}{{ shop.name }}{% endcolumn %}
  {% column "Offers" kind="number" %}{{ shop.count }}{% endcolumn %}
{% empty %}No shops yet{% endtable %}"""
ROWS = [{"name": "<OTTO>", "count": 3}, {"name": "Bol", "count": 0}]


def test_a_column_names_its_head_and_each_of_its_cells():
    html = draw(PLAIN, rows=ROWS)
    assert '<caption class="visually-hidden">Shops</caption>' in html
    assert html.count(">Offers</th>") == 1
    assert html.count('data-label="Offers"') == 2
    assert "&lt;OTTO&gt;" in html
    assert "No shops yet" not in html


@pytest.mark.parametrize("rows", [[], None, Paginator([], 5).get_page(1)])
def test_where_there_is_nothing_the_list_says_what_to_do_next(rows):
    html = draw(PLAIN, rows=rows)
    assert "No shops yet" in html
    assert "<table" not in html
    assert "pagination" not in html


def test_a_page_of_many_brings_its_pagination():
    page = Paginator([{"name": str(number), "count": number} for number in range(30)], 10).get_page(2)
    html = draw(PLAIN, rows=page)
    assert html.count("<tr") == 11
    assert "11–20 of 30 shops" in html
    assert "?q=lamp&amp;page=3" in html


def test_a_column_that_is_not_for_everybody_takes_its_head_along():
    body = PLAIN.replace('kind="number"', 'kind="number" show=may')
    assert "Offers" not in draw(body, rows=ROWS, may=False)
    assert "Offers" in draw(body, rows=ROWS, may=True)


def test_rows_alone_are_drawn_where_only_they_are_asked_for():
    html = draw(PLAIN.replace("caption", "only_rows=True caption"), rows=ROWS).strip()
    assert html.startswith("<tr>")
    assert html.endswith("</tr>")
    assert html.count("<tr>") == 2
    assert "<th" not in html


def test_the_state_of_a_row_is_a_colour_and_a_sentence():
    row = "{% row status=shop.status says=shop.says %}id='{{ shop.name }}'{% endrow %}"
    body = PLAIN.replace('caption="Shops" %}', 'caption="Shops" %}' + row)
    bad = {"name": "Bol", "status": "failed", "says": "Its <feed> is empty."}
    html = draw(body, rows=[bad, {"name": "OTTO", "status": ""}])
    assert "<tr id='Bol' data-status=\"failed\">" in html
    assert 'Bol<p class="row-says">Its &lt;feed&gt; is empty.</p>' in html
    assert "<tr id='OTTO'>" in html


def test_a_colour_without_a_sentence_is_refused():
    body = PLAIN.replace('caption="Shops" %}', 'caption="Shops" %}{% row status="failed" %}{% endrow %}')
    with pytest.raises(TemplateSyntaxError, match="no sentence"):
        draw(body, rows=ROWS)
    assert draw(body.replace('kind="number"', 'kind="state"'), rows=ROWS).count('data-status="failed"') == 2


@pytest.mark.parametrize(
    "body",
    [
        PLAIN.replace(' caption="Shops"', ""),
        PLAIN.replace("shop in rows", "rows"),
        PLAIN.replace('kind="number"', 'kind="digits"'),
        PLAIN.replace("{% empty %}", "<td>by hand</td>{% empty %}"),
        "{% column 'Name' %}{% endcolumn %}",
    ],
    ids=["no caption", "no name", "no such kind", "a cell by hand", "a column outside"],
)
def test_a_list_that_is_written_wrongly_says_so(body):
    with pytest.raises(TemplateSyntaxError):
        draw(body, rows=ROWS)


def test_several_names_take_the_parts_of_a_row():
    column = "{% column 'Both' %}{{ name }}{{ count }}{% endcolumn %}"
    body = f"{{% table name, count in rows caption='Shops' %}}{column}{{% endtable %}}"
    assert ">Bol3</td>" in draw(body, rows=[("Bol", 3)])
