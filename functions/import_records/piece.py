"""The rows of a file in pieces, after each of which an import may go on elsewhere. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched

from functions.import_records.job import Place
from functions.import_records.row import Problem, Row
from functions.save_records.job import MOST_RECORDS, SaveRecords

# A second or two of work: what a process that dies repeats.
_BATCHES = 20
PIECE_ROWS = _BATCHES * MOST_RECORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some rows: what to save of them, what to tell of them, and where the next piece begins."""

    batches: Sequence[SaveRecords]
    problems: Sequence[Problem]
    place: Place


def pieces(rows: Iterable[Row], place: Place, import_id: str) -> Iterator[Piece]:
    """The pieces from ``place`` on.

    A batch is the same rows, under the same id, wherever an import went on: they are cut by the
    numbers of their rows, and a place lies between two pieces.
    """
    for some in batched(rows, PIECE_ROWS, strict=False):
        batches = [
            SaveRecords(import_id=import_id, first_row=batch[0].number, records=records)
            for batch in batched(some, MOST_RECORDS, strict=False)
            if (records := [one.customer for one in batch if one.customer is not None])
        ]
        problems = [problem for row in some for problem in row.problems]
        place = place.model_copy(
            update={
                "offset": some[-1].end,
                "row": some[-1].number,
                "accepted": place.accepted + sum(len(batch.records) for batch in batches),
                "rejected": place.rejected + sum(bool(row.problems) for row in some),
                "jobs": place.jobs + len(batches),
            }
        )
        yield Piece(batches=batches, problems=problems, place=place)
