"""`doctor`: checks step by step whether this machine can fetch its experiences.

`configuration` and `network` hold the checks, `survey` asks every data center, `diagnosis` runs
them in order, and `command` prints the results.
"""

from .command import doctor

__all__ = ["doctor"]
