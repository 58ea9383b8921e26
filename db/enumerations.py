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


DESCRIPTIONS: dict[Enum, str] = {
    ProductionOrderStatus.IDLE: "Known, and nothing done about it yet.",
    ProductionOrderStatus.SCHEDULED: "Planned for a time and a place.",
    ProductionOrderStatus.RUNNING: "Being produced.",
    ProductionOrderStatus.PAUSED: "Interrupted, to go on by itself.",
    ProductionOrderStatus.STOPPED: "Interrupted, until someone starts it again.",
    ProductionOrderStatus.CLOSED: "Done.",
    ProductionOrderStatus.CANCELLED: "Given up.",
    SchedulePriority.LOW: "When there is time.",
    SchedulePriority.NORMAL: "In its turn.",
    SchedulePriority.HIGH: "Before the normal ones.",
    SchedulePriority.URGENT: "Before all others.",
    DataType.String: "A text.",
    DataType.Int: "An integer of 64 bits.",
    DataType.Float: "A finite number.",
    DataType.Boolean: "True or false.",
    DataType.DateTime: "An instant.",
    DataType.Blob: "Bytes, as base64.",
    MaterialType.COMPONENT: "Goes into the product.",
    MaterialType.PRODUCT: "Is the product.",
    MaterialType.BYPRODUCT: "Comes out beside the product.",
    LocationType.ENTERPRISE: "The company.",
    LocationType.SITE: "A plant of the company.",
    LocationType.AREA: "A part of a plant.",
    LocationType.LINE: "A production line of discrete production.",
    LocationType.CELL: "A work cell of a line.",
    LocationType.UNIT: "A unit of a process cell.",
    LocationType.PROCESS_CELL: "The equipment of batch production.",
    LocationType.PRODUCTION_UNIT: "The equipment of continuous production.",
    LocationType.STORAGE_ZONE: "A part of a plant where material is stored.",
    LocationType.STORAGE_UNIT: "A tank, a silo, a rack of a storage zone.",
    ProcessType.NONE: "Nothing is produced.",
    ProcessType.BATCH: "In batches.",
    ProcessType.CONTINUOUS: "Without interruption.",
    ProcessType.DISCRETE: "Piece by piece.",
    LotStorageStrategy.NO_STORAGE: "None.",
    LotStorageStrategy.SINGLE_LOT: "One at a time.",
    LotStorageStrategy.MULTIPLE_LOTS: "Several at a time.",
    LotUseStrategy.FIFO: "First in, first out.",
    LotUseStrategy.LIFO: "Last in, first out.",
    LotUseStrategy.FEFO: "First expired, first out.",
    ShiftScheduleSource.IGNITION_SCHEDULE: "A schedule of the SCADA system.",
    ShiftScheduleSource.TRIGGER: "The shift's start and stop expressions.",
    ShiftScheduleSource.MANUAL: "A person.",
    RunningConflictStrategy.STOP_PREVIOUS: "It ends.",
    RunningConflictStrategy.KEEP_PREVIOUS: "It goes on, and the next one does not start.",
    RunningConflictStrategy.RUN_BOTH: "It goes on beside the next one.",
    TriggerType.RISING_EDGE: "From false to true.",
    TriggerType.FALLING_EDGE: "From true to false.",
    TriggerType.ANY_CHANGE: "Any change.",
    ShiftRecordStatus.IDLE: "Not started yet.",
    ShiftRecordStatus.RUNNING: "Running.",
    ShiftRecordStatus.COMPLETED: "Ended.",
    RoleRequirementType.ANY: "One of them is enough.",
    RoleRequirementType.ALL: "All of them are needed.",
}
"""What each value means."""
