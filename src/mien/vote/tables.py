"""The table of the voting: which rounds are closed."""

from mien.labels.tables import ROUNDS, SECOND_LOOK
from mien.tables import Column, Table

CLOSED = Table(
    "the table of closed rounds",
    {"round": Column(allowed=(*ROUNDS, SECOND_LOOK)), "closed_at": Column()},
    key=("round",),
)
