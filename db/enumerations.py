"""The closed sets of values; members are spelled as in the documents, and stored by that spelling."""

from __future__ import annotations

from enum import Enum


class ProductionOrderStatus(Enum):
    """Where a production order stands."""

    IDLE = "IDLE"
    SCHEDULED = "SCHEDULED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    STOPPED = "STOPPED"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


class SchedulePriority(Enum):
    """How urgently a production order is to be scheduled."""

    LOW = "LOW"
    NORMAL = "NORMAL"
    HIGH = "HIGH"
    URGENT = "URGENT"


class DataType(Enum):
    """What kind of value a property has; Int is 64-bit, a Blob travels as base64."""

    String = "String"
    Int = "Int"
    Float = "Float"
    Boolean = "Boolean"
    DateTime = "DateTime"
    Blob = "Blob"


class MaterialType(Enum):
    """What a bill-of-materials item is to the product."""

    COMPONENT = "COMPONENT"
    PRODUCT = "PRODUCT"
    BYPRODUCT = "BYPRODUCT"


class LocationType(Enum):
    """The level of a location in the plant's equipment hierarchy (ISA-95)."""

    ENTERPRISE = "ENTERPRISE"
    SITE = "SITE"
    AREA = "AREA"
    LINE = "LINE"
    CELL = "CELL"
    UNIT = "UNIT"
    PROCESS_CELL = "PROCESS_CELL"
    PRODUCTION_UNIT = "PRODUCTION_UNIT"
    STORAGE_ZONE = "STORAGE_ZONE"
    STORAGE_UNIT = "STORAGE_UNIT"


class ProcessType(Enum):
    """How a location produces."""

    NONE = "NONE"
    BATCH = "BATCH"
    CONTINUOUS = "CONTINUOUS"
    DISCRETE = "DISCRETE"


class LotStorageStrategy(Enum):
    """How many lots a location may hold."""

    NO_STORAGE = "NO_STORAGE"
    SINGLE_LOT = "SINGLE_LOT"
    MULTIPLE_LOTS = "MULTIPLE_LOTS"


class LotUseStrategy(Enum):
    """Which lot of a location is used first: the first or last in, or the first to expire."""

    FIFO = "FIFO"
    LIFO = "LIFO"
    FEFO = "FEFO"


class ShiftScheduleSource(Enum):
    """What starts and stops a shift."""

    IGNITION_SCHEDULE = "IGNITION_SCHEDULE"
    TRIGGER = "TRIGGER"
    MANUAL = "MANUAL"


class RunningConflictStrategy(Enum):
    """What happens to a running shift when the next one starts."""

    STOP_PREVIOUS = "STOP_PREVIOUS"
    KEEP_PREVIOUS = "KEEP_PREVIOUS"
    RUN_BOTH = "RUN_BOTH"


class TriggerType(Enum):
    """Which change of a trigger's expression counts."""

    RISING_EDGE = "RISING_EDGE"
    FALLING_EDGE = "FALLING_EDGE"
    ANY_CHANGE = "ANY_CHANGE"


class ShiftRecordStatus(Enum):
    """Where one run of a shift stands."""

    IDLE = "IDLE"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"


class RoleRequirementType(Enum):
    """Whether a caller needs any or all of a role's security levels."""

    ANY = "ANY"
    ALL = "ALL"
