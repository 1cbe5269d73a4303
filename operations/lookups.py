"""`field__inside="part"`: the part stands somewhere in the text, as it is written. It is `contains`, but quick on SQLite.

SQLite tries a pattern at every place of every row; «instr» looks for the place as fast as memory goes (SQLite, «Core functions»).
"""

from typing import Any

from django.db.models import CharField, Lookup, TextField
from django.db.models.lookups import Contains


@CharField.register_lookup
@TextField.register_lookup
class Inside(Contains):
    lookup_name = "inside"

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        text, text_params = self.process_lhs(compiler, connection)
        part, part_params = Lookup.process_rhs(self, compiler, connection)  # the part itself, not a pattern
        return f"instr({text}, {part}) > 0", (*text_params, *part_params)

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        operator: str = connection.operators["contains"] % rhs
        return operator
