"""The robot's browser: what it reads on a page, what it keeps between requests."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from flask import Flask, make_response, redirect, request
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from sandbox.robot.client import Client, RobotError
from sandbox.robot.pages import Page
from sandbox.robot.trainee import Trainee

FORMS = """
<main><form data-action="allergy.record" method="post" action="/a">
 <input name="class" value="PEN"><input type="hidden" name="token" value="t"><input name="off" disabled value="x">
 <input type="checkbox" name="two" value="1" checked><input type="checkbox" name="two" value="2">
 <select name="sex"><option value="1">m</option><option value="2" selected>f</option></select>
 <select name="none"><option value="">–</option><option value="9">x</option></select>
 <textarea name="text">two
lines</textarea>
 <button formaction="/save">Save</button><button>Sign</button>
</form>
<textarea name="outside" form="late"></textarea><form id="late" data-action="late"></form>
<a data-section="allergy" href="/tab">Allergy <b>list</b></a><p data-refusal="E-RX-15">no</p></main>
"""


def page(text: str = FORMS) -> Page:
    return Page(url="http://x/", status=200, headers={}, text=text)


def test_a_form_is_read_as_the_server_filled_it_in() -> None:
    form = page().form("allergy.record")
    assert form is not None
    assert form.filled({}) == [
        ("class", "PEN"),
        ("token", "t"),
        ("two", "1"),
        ("sex", "2"),
        ("none", ""),
        ("text", "two\nlines"),
    ]
    assert form.offers("two") == ["1", "2"]
    assert form.buttons == ["/save"]


def test_what_is_filled_in_replaces_and_may_be_several() -> None:
    form = page().form("allergy.record")
    assert form is not None
    filled = form.filled({"class": "CEPH", "two": ["1", "2"]})
    assert ("class", "CEPH") in filled
    assert ("class", "PEN") not in filled
    assert [value for name, value in filled if name == "two"] == ["1", "2"]


def test_a_field_that_nobody_could_type_is_refused() -> None:
    form = page().form("allergy.record")
    assert form is not None
    with pytest.raises(KeyError, match="no field off"):
        form.filled({"off": "x"})


def test_links_marks_and_refusals_are_found_by_their_data() -> None:
    seen = page()
    assert seen.link("section", "allergy") == "/tab"
    assert seen.link("section", "other") is None
    assert seen.marked("section")[0].text == "Allergy list"
    assert seen.refusal == "E-RX-15"


def _site() -> Flask:
    app = Flask(__name__)

    @app.get("/set")
    def set_cookie() -> Response:
        reply = make_response("set")
        reply.set_cookie("secret", "1", secure=True, samesite="None", httponly=True)
        return reply

    @app.get("/drop")
    def drop_cookie() -> Response:
        reply = make_response("dropped")
        reply.set_cookie("secret", "", max_age=0)
        return reply

    @app.get("/show")
    def show() -> str:
        return f"{request.host} {request.cookies.get('secret', 'none')}"

    @app.get("/circle")
    def circle() -> Response:
        return redirect("/circle")

    @app.post("/posted")
    def posted() -> Response:
        assert request.headers["Origin"].endswith(request.host)
        return redirect("/show", 303)

    @app.get("/workbench")
    def workbench() -> str:
        return '<form data-action="submit" method="post" action="/refused"><button>Submit</button></form>'

    @app.post("/refused")
    def refused() -> tuple[str, int]:
        return "<main>Not yet open</main>", 409

    return app


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = make_server("127.0.0.1", 0, _site(), threaded=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.port
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


def test_secure_cookies_return_to_plain_localhost_and_to_no_other_host(port: int) -> None:
    client = Client()
    client.get(f"http://localhost:{port}/set")
    assert client.get(f"http://localhost:{port}/show").text == f"localhost:{port} 1"
    assert client.get(f"http://0123.localhost:{port}/show").text == f"0123.localhost:{port} none"


def test_a_cookie_taken_back_is_gone(port: int) -> None:
    client = Client()
    client.get(f"http://localhost:{port}/set")
    client.get(f"http://localhost:{port}/drop")
    assert client.get(f"http://localhost:{port}/show").text.endswith("none")


def test_a_post_is_followed_to_the_page_it_leads_to(port: int) -> None:
    client = Client()
    client.get(f"http://localhost:{port}/show")
    assert client.post("/posted", {}).url.endswith("/show")


def test_a_circle_of_redirects_ends_with_a_sentence(port: int) -> None:
    with pytest.raises(RobotError, match="in a circle"):
        Client().get(f"http://localhost:{port}/circle")


def test_a_refusal_is_told_at_once_in_the_words_of_the_page(port: int) -> None:
    trainee = Trainee(panel=f"http://localhost:{port}")
    trainee.client.get(f"http://localhost:{port}/workbench")
    with pytest.raises(RobotError, match=re.escape("[409] Not yet open")):
        trainee.submit()


def test_without_a_page_there_is_nothing_to_see() -> None:
    with pytest.raises(RobotError, match="no page"):
        Client().seen()
