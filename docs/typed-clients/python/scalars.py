"""What the scalars `Mixed` and `JSON` are in Python."""

Plain = str | int | float | bool
Mixed = Plain | dict[str, Plain | None]
JsonObject = dict[str, object]
