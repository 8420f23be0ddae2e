"""The errors that povstats raises. Each message names the column, the rows and the remedy."""


class PovstatsError(Exception):
    """Parent of every error below, so that one `except` catches what povstats refuses."""


class ContractError(PovstatsError):
    """A table does not keep its contract."""


class FormulaError(PovstatsError):
    """A formula cannot be read, or asks for something that is not on the stated list."""


class FitError(PovstatsError):
    """A model cannot be estimated from these data, or an answer it does not have was asked of it."""


class EngineError(PovstatsError):
    """A table cannot be opened or reduced."""


class DataError(PovstatsError):
    """Values in a table are not usable: wrong kind, infinite, outside a function's domain."""


class OptionError(PovstatsError, ValueError):
    """An argument is not among its allowed values."""


class SmallSampleWarning(UserWarning):
    """An interval or test rests on large samples, and there are few groups."""


def allowed(name: str, value: object, options: tuple[str, ...]) -> None:
    """Refuse an option that is not on its list.

    Parameters
    ----------
    name : the argument's name, as the caller wrote it.
    value : what was given.
    options : the allowed values.

    Raises
    ------
    OptionError
        Where `value` is not one of `options`; the message lists them.
    """
    if value not in options:
        listed = ", ".join(repr(option) for option in options)
        raise OptionError(f"{name}={value!r} is not one of {listed}")
