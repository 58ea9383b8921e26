import pickle

from client import MesError


def test_the_text_tells_the_code_the_violations_and_the_request():
    error = MesError(
        "BAD_USER_INPUT", "The input is not valid.", violations={"name": ["is required"]}, request_id="4711"
    )

    assert str(error) == "BAD_USER_INPUT: The input is not valid.\n  name is required\n(request 4711)"


def test_a_violation_that_the_message_tells_is_not_told_twice():
    error = MesError(
        "BAD_USER_INPUT", "The input is not valid: name is required.", violations={"name": ["is required"]}
    )

    assert str(error) == "BAD_USER_INPUT: The input is not valid: name is required."


def test_an_error_without_violations_has_an_empty_dict_of_them():
    assert MesError("TIMEOUT", "Too late.").violations == {}


def test_an_error_survives_the_way_to_another_process():
    error = pickle.loads(pickle.dumps(MesError("CONFLICT", "Taken.", path=["saveShift"], request_id="4711")))  # noqa: S301 (our own)

    assert (error.code, error.message, error.path, error.request_id) == ("CONFLICT", "Taken.", ["saveShift"], "4711")
