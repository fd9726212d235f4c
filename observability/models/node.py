from django.db import models


class Node(models.TextChoices):
    """The nodes of the agent graph, in the order in which they run."""

    EXTRACT = "extract", "Extract"
    ANALYZE = "analyze", "Analyze"
    DECOMPOSE = "decompose", "Decompose"
    VALIDATE = "validate", "Validate"
    DOCUMENT = "document", "Document"
