"""The tests mirror the package.

`checked` is their run-time type checker: an int will do for a float.
"""

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
