from observability.models.llm_call import CallState, CostSource, LLMCall
from observability.models.model_profile import ModelProfile, Provider
from observability.models.node import Node
from observability.models.node_cost import NodeCost
from observability.models.quality_record import QualityRecord
from observability.models.route import Route

__all__ = [
    "CallState",
    "CostSource",
    "LLMCall",
    "ModelProfile",
    "Node",
    "NodeCost",
    "Provider",
    "QualityRecord",
    "Route",
]
