"""`doctor`: what stands between this machine and its experiences, step by step.

`configuration` and `network` make one check each, `survey` asks every data center, `diagnosis` puts
them in order, and `command` prints what they found.
"""

from .command import doctor

__all__ = ["doctor"]
