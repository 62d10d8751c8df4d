"""A base for types that hold personal data: `repr` and `str` show the type, never a value."""


class Masked:
    """Mix into every dataclass with personal data, and give the dataclass `repr=False`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__
