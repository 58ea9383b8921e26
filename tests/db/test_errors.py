import pytest

from db.errors import Conflict, Forbidden, InUse, Invalid, NotFound, ServiceUnavailable, Timeout, Unconfirmed

WRONG = {"name": ["is required"]}


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (Timeout(""), {"code": "TIMEOUT"}),
        (InUse(""), {"code": "IN_USE"}),
        (ServiceUnavailable(""), {"code": "SERVICE_UNAVAILABLE", "retryable": True}),
        (Forbidden("CUSTOMER"), {"code": "FORBIDDEN", "permission": "CUSTOMER"}),
        (Invalid(WRONG), {"code": "BAD_USER_INPUT", "violations": WRONG}),
        (NotFound("", {}), {"code": "NOT_FOUND"}),
        (Conflict("", WRONG), {"code": "CONFLICT", "violations": WRONG}),
        (
            Conflict("", WRONG, 2, ["name"]),
            {"code": "CONFLICT", "violations": WRONG, "currentVersion": 2, "differingFields": ["name"]},
        ),
    ],
    ids=lambda case: type(case).__name__,
)
def test_a_program_is_told_the_code_and_what_it_can_act_on(failure, told):
    assert failure.extensions == told


def test_a_person_is_told_every_wrong_field():
    failure = Invalid({"name": ["is required"], "quantity": ["must be a number", "must be at least 0"]})

    assert str(failure) == (
        "The input is not valid: name is required; quantity must be a number; quantity must be at least 0."
    )


def test_a_change_in_doubt_is_told_with_how_to_find_out():
    doubt = Unconfirmed("The connection was lost.")

    assert str(doubt) == (
        "The connection was lost. Send it again with its Idempotency-Key; without one, look first whether it is stored."
    )
    assert doubt.extensions == {"code": "SERVICE_UNAVAILABLE", "retryable": True}
