import copy
import json
import pickle

import pytest

from client import Result


@pytest.fixture
def order():
    return Result(id="01JCH3ENGW-82KJDZDR-JHGYCXQN", name="Käse", quantity=1.5, customerId=None)


def test_a_key_is_an_item_and_an_attribute(order):
    assert order["name"] == order.name == "Käse"


def test_an_assigned_attribute_is_a_key(order):
    order.name = "Milk"
    order["quantity"] = 2

    assert order == {"id": "01JCH3ENGW-82KJDZDR-JHGYCXQN", "name": "Milk", "quantity": 2, "customerId": None}


def test_a_deleted_attribute_is_no_key(order):
    del order.name

    assert "name" not in order


def test_a_result_prints_as_json(order):
    expected = '{"id": "01JCH3ENGW-82KJDZDR-JHGYCXQN", "name": "Käse", "quantity": 1.5, "customerId": null}'

    assert str(order) == repr(order) == expected


def test_results_in_a_result_print_as_json():
    order = Result(propertyValues=[Result(value=True)])

    assert str(order) == '{"propertyValues": [{"value": true}]}'


def test_a_result_is_a_dict(order):
    assert dict(**order) == order
    assert json.loads(json.dumps(order)) == order
    assert list(order.items())[1] == ("name", "Käse")
    assert order.get("notes") is None
    assert len(order) == 4


def test_a_missing_attribute_names_the_keys(order):
    with pytest.raises(AttributeError, match="There is no 'nam' here; the keys are id, name, quantity, customerId"):
        _ = order.nam


def test_a_deleted_attribute_must_be_there(order):
    with pytest.raises(AttributeError, match="There is no 'nam' here"):
        del order.nam


def test_a_key_named_as_a_method_is_reached_in_brackets():
    result = Result({"items": 1})

    with pytest.raises(AttributeError, match=r"write result\['items'\]"):
        result.items = 2
    assert result["items"] == 1
    assert list(result.items()) == [("items", 1)]


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, Result.copy, lambda each: pickle.loads(pickle.dumps(each))],  # noqa: S301 (our own)
)
def test_a_copy_is_a_result_of_its_own(order, copied):
    twin = copied(order)
    twin.name = "Milk"

    assert type(twin) is Result
    assert order.name == "Käse"


def test_the_keys_are_offered_for_completion(order):
    assert {"customerId", "items"} <= set(dir(order))
