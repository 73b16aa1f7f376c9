"""Text that people write and sign, read strictly: agreements, contracts, configuration.

`load_yaml` turns a file into plain Python values and remembers the line of each; `check_document` holds
them against a Pydantic model. Both report every root cause at once, each with its `file:line`.
"""

from .loader import Lines, Located, Place, load_yaml
from .validation import check_document, validation_problems

__all__ = ["Lines", "Located", "Place", "check_document", "load_yaml", "validation_problems"]
