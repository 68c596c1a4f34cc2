"""import_records: what is a row, what is wrong with one, and where the next one begins."""

import csv
import io
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.import_records.job import Place
from functions.import_records.piece import PIECE_ROWS, pieces
from functions.import_records.row import Row, header, rows
from functions.import_records.source import Source
from functions.save_records.job import MOST_RECORDS, Customer, SaveRecords
from tests.functions.importing import FilesInMemory
from workerless.limits import INLINE_PAYLOAD_BYTES

COLUMNS = ("email", "name", "country", "spent")
ADA = Customer(email="ada@example.com", name="Ada", country="DE", spent=Decimal("1.50"))


def read(text: str | bytes, *, separator: str = ",") -> list[Row]:
    data = text.encode() if isinstance(text, str) else text
    return list(rows(io.BytesIO(data), COLUMNS, separator, offset=100, before=7))


@pytest.mark.parametrize(
    "line",
    [
        "ada@example.com,Ada,DE,1.50\n",
        "ada@example.com,Ada,DE,1.50\r\n",
        "ada@example.com,Ada,DE,1.50",
        '"ada@example.com"," Ada ","DE","1.5"\n',
    ],
)
def test_row_is_read(line: str) -> None:
    assert read(line) == [Row(number=8, end=100 + len(line), customer=ADA)]


def test_row_may_hold_separators_quotes_and_go_over_lines() -> None:
    told = 'ada@example.com,"Ada, ""the"" first",DE,1.50\n'

    (row,) = read(told)

    assert row.customer
    assert row.customer.name == 'Ada, "the" first'
    assert row.end == 100 + len(told)


def test_blank_row_counts_and_is_neither_good_nor_bad() -> None:
    blank, row = read("\nada@example.com,Ada,DE,1.50\n")

    assert blank == Row(number=8, end=101)
    assert (row.number, row.customer) == (9, ADA)


@pytest.mark.parametrize(
    ("line", "problems"),
    [
        ("ada@example.com,Ada,DE\n", [("", "must have 4 values, has 3")]),
        ("ada,Ada,DE,1\n", [("email", "string should match pattern")]),
        ("ada@example.com,,de,-1\n", [("name", ""), ("country", ""), ("spent", "")]),
        ("ada@example.com,Ada,DE,1e400\n", [("spent", "")]),
        ("ada@example.com,Ada,DE,NaN\n", [("spent", "")]),
        ('ada@example.com,"Ada"x,DE,1\n', [("", "cannot be read as CSV")]),
        ('ada@example.com,"Ada\nLovelace",DE,1\n', [("name", "must be printable text in UTF-8")]),
        (b"ada@example.com,Ad\xe4,DE,1\n", [("name", "must be printable text in UTF-8")]),
    ],
)
def test_what_is_wrong_with_a_row_is_told_by_column(
    line: str | bytes, problems: list[tuple[str, str]]
) -> None:
    (row, after) = read(
        (line.encode() if isinstance(line, str) else line) + b"ada@example.com,Ada,DE,1.5\n"
    )

    assert row.customer is None
    assert [one.column for one in row.problems] == [column for column, _ in problems]
    for one, (_, told) in zip(row.problems, problems, strict=True):
        assert one.row == 8
        assert one.problem.startswith(told)
    assert after.customer == ADA


def test_columns_are_known_by_their_names_in_any_order() -> None:
    text = "\ufeffNote, Spent ,country,NAME,email\nx,1.5,DE,Ada,ada@example.com\n"
    columns, offset = header(io.BytesIO(text.encode()), ",")

    (row,) = rows(io.BytesIO(text.encode()[offset:]), columns, ",", offset=offset, before=0)

    assert row.customer == ADA
    assert row.end == len(text.encode())


texts = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), min_size=1, max_size=8
)


@given(
    names=st.lists(texts, min_size=1, max_size=30),
    range_bytes=st.integers(1, 40),
    cut=st.integers(0, 29),
)
def test_row_after_any_row_begins_where_that_one_says(
    names: list[str], range_bytes: int, cut: int
) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(("ada@example.com", name, "DE", 1) for name in names)
    data = file.getvalue().encode()
    s3 = FilesInMemory({"key": data})
    etag = s3.head_object(Key="key")["ETag"]
    source = Source(s3=s3.client, bucket="b", key="key", etag=etag, size=len(data))
    whole = list(rows(io.BytesIO(data), COLUMNS, ",", offset=0, before=0))
    last = whole[min(cut, len(whole) - 1)]

    again = rows(
        source.lines(last.end, range_bytes=range_bytes),
        COLUMNS,
        ",",
        offset=last.end,
        before=last.number,
    )

    assert len(whole) == len(names)
    assert list(again) == whole[last.number :]


def test_batches_are_the_same_wherever_an_import_went_on() -> None:
    dice = Random(7)
    start = Place(etag="e", offset=0)
    some = [
        Row(number=n, end=10 * n, customer=ADA if dice.random() < 0.9 else None)
        for n in range(1, 3 * PIECE_ROWS + 5)
    ]
    whole = list(pieces(some, start, "i"))

    for number, piece in enumerate(whole):
        rest = list(pieces(some[piece.place.row :], piece.place, "i"))
        assert rest == whole[number + 1 :]


def test_longest_batch_there_can_be_fits_into_a_message() -> None:
    longest = Customer(
        email=f"{'e' * 250}@b.c",
        name="\U0001f600" * 100,
        country="DE",
        spent=Decimal("9999999999.99"),
    )
    batch = SaveRecords(import_id="i" * 128, first_row=10**12, records=[longest] * MOST_RECORDS)

    assert len(batch.model_dump_json().encode()) < INLINE_PAYLOAD_BYTES
