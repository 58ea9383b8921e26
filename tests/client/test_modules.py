import pytest

from client import connect
from client.modules import module_of


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (
            "productionOrder",
            "saveProductionOrder getBillOfMaterialsForOrderFlattened setPropertyValues getProductionOrderPermissions",
        ),
        (
            "material",
            "getMaterial createMaterialClassesForPath getPropertiesAndValuesForMaterial getMaterialPermissions",
        ),
        ("unitOfMeasure", "convert addConversion findUnitsOfMeasure getAllConversionsForMaterial doesConversionExist"),
        ("location", "getChildren getLocationsByPartialPath getAllLocationProperties"),
        ("shift", "getShiftsByLocation getCurrentShiftRecord validateShift"),
        ("role", "getAllPermissions saveRole"),
        ("query", "newFilterRequest validateQueryRequest getQueryPermissions"),
        ("customer", "saveCustomer findCustomers"),
    ],
)
def test_a_function_is_listed_in_its_documented_module(module, names):
    assert {module_of(name) for name in names.split()} == {module}


def test_the_modules_are_offered_for_completion_without_a_request():
    with connect("http://127.0.0.1:1") as system:
        assert dir(system.mes) == [
            "customer", "location", "material", "productionOrder", "query", "role", "shift", "unitOfMeasure",
        ]  # fmt: skip


def test_what_is_no_module_is_an_attribute_error_that_names_them():
    with (
        connect("http://127.0.0.1:1") as system,
        pytest.raises(AttributeError, match=r"no module 'orders'; .*location"),
    ):
        _ = system.mes.orders


def test_tools_that_look_for_private_names_cause_no_request():
    with connect("http://127.0.0.1:1") as system:
        assert not hasattr(system.mes.material, "__wrapped__")
        assert not hasattr(system.mes.material, "_ipython_canary_method_should_not_exist_")
