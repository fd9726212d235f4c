from observability.models.alert import Alert, AlertCause
from observability.models.alert_rule import (
    AlertChannel,
    AlertRule,
    ChannelKind,
    Delivery,
    DeliveryState,
)
from observability.models.budget import SCOPES, Budget, BudgetWindow, CallHold, Scope
from observability.models.llm_call import CallPurpose, CallState, CostSource, LLMCall
from observability.models.model_profile import AnswerFormat, ModelProfile, OutputCap, Provider
from observability.models.node import Node
from observability.models.node_cost import NodeCost
from observability.models.quality_record import QualityRecord
from observability.models.rollup import (
    CallSums,
    Grain,
    PayerCost,
    RollupState,
    RunCosts,
    RunFigures,
    SpanCost,
    SpanQuality,
)
from observability.models.route import Route

__all__ = [
    "SCOPES",
    "Alert",
    "AlertCause",
    "AlertChannel",
    "AlertRule",
    "AnswerFormat",
    "Budget",
    "BudgetWindow",
    "CallHold",
    "CallPurpose",
    "CallState",
    "CallSums",
    "ChannelKind",
    "CostSource",
    "Delivery",
    "DeliveryState",
    "Grain",
    "LLMCall",
    "ModelProfile",
    "Node",
    "NodeCost",
    "OutputCap",
    "PayerCost",
    "Provider",
    "QualityRecord",
    "RollupState",
    "Route",
    "RunCosts",
    "RunFigures",
    "Scope",
    "SpanCost",
    "SpanQuality",
]
