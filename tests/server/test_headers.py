import pytest

from server.headers import Headers


def test_what_is_made_of_headers_is_made_once():
    given, made = Headers([(b"accept", b"text/html")]), []

    def make(headers):
        made.append(headers.get(b"accept"))
        return len(made)

    assert [given.once(make), given.once(make)] == [1, 1]
    assert made == ["text/html"]


def test_what_headers_are_refused_for_they_are_refused_for_again():
    given = Headers([])

    def refuse(_):
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            given.once(refuse)
