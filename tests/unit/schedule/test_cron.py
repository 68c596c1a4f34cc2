import re
from pathlib import Path

import pytest

from workerless import Cron
from workerless.errors import DeclarationError
from workerless.schedule.timetable import Timetable
from workerless.schedule.translate import translate


def told(expression: str) -> list[str]:
    return [one.expression for one in translate(Timetable(Cron(expression)))]


@pytest.mark.parametrize(
    ("expression", "aws"),
    [
        ("0 * * * *", ["cron(0 * * * ? *)"]),
        ("0 0 * * *", ["cron(0 0 * * ? *)"]),
        ("@daily", ["cron(0 0 * * ? *)"]),
        ("@HOURLY", ["cron(0 * * * ? *)"]),
        ("@weekly", ["cron(0 0 ? * SUN *)"]),
        ("@monthly", ["cron(0 0 1 * ? *)"]),
        ("@yearly", ["cron(0 0 1 1 ? *)"]),
        ("*/5 * * * *", ["cron(0/5 * * * ? *)"]),
        ("5/15 * * * *", ["cron(5/15 * * * ? *)"]),
        ("5-59 * * * *", ["cron(5-59 * * * ? *)"]),
        ("0-30/10 9-17 * * *", ["cron(0,10,20,30 9-17 * * ? *)"]),
        ("0 0 * * 0", ["cron(0 0 ? * SUN *)"]),
        ("0 0 * * 7", ["cron(0 0 ? * SUN *)"]),
        ("0 9 * * 1-5", ["cron(0 9 ? * MON-FRI *)"]),
        ("0 9 * * fri-7", ["cron(0 9 ? * SUN,FRI,SAT *)"]),
        ("0 9 * * */2", ["cron(0 9 ? * SUN,TUE,THU,SAT *)"]),
        ("0 6 1 */3 *", ["cron(0 6 1 1/3 ? *)"]),
        ("0 6 L feb,DEC *", ["cron(0 6 L 2,12 ? *)"]),
        ("0 6 15,L * *", ["cron(0 6 15 * ? *)", "cron(0 6 L * ? *)"]),
        ("0 6 * * MON#1,5L", ["cron(0 6 ? * 2#1 *)", "cron(0 6 ? * 6L *)"]),
        ("0 0 13 * FRI", ["cron(0 0 13 * ? *)", "cron(0 0 ? * FRI *)"]),
        ("0 0 1-31 * FRI", ["cron(0 0 * * ? *)"]),
        ("0 0 1-31,L * FRI", ["cron(0 0 * * ? *)"]),
        ("0 0 L,15 * 0-6,5L", ["cron(0 0 * * ? *)"]),
        ("0 0 */1 * FRI", ["cron(0 0 ? * FRI *)"]),
        ("cron( 0  9 ? * 2#1 2027 )", ["cron( 0  9 ? * 2#1 2027 )"]),
    ],
)
def test_unix_cron_becomes_what_aws_says_for_it(expression: str, aws: list[str]) -> None:
    assert told(expression) == aws


def test_page_says_what_aws_is_told() -> None:
    page = (Path(__file__).parents[3] / "docs" / "schedules.md").read_text()
    rows = [line.split("|") for line in page.split("## What AWS is told")[1].splitlines()]
    crons = {row[1].strip(" `"): re.findall(r"`([^`]+)`", row[2]) for row in rows if len(row) == 4}

    expressions = [one for one in crons if one.count(" ") == 4]

    assert len(expressions) == 4
    assert {one: told(one) for one in expressions} == {one: crons[one] for one in expressions}


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("", "must have 5 fields"),
        ("0 9 * *", "must have 5 fields"),
        ("0 0 9 * * *", "must have 5 fields"),
        ("@reboot", "a name must be one of @yearly"),
        ("60 * * * *", "minute must be numbers from 0 to 59.*got '60'"),
        ("-1 * * * *", "minute must be numbers"),
        ("* 24 * * *", "hour must be numbers from 0 to 23"),
        ("* * 0 * *", "day-of-month must be numbers from 1 to 31"),
        ("* * * 13 *", "month must be numbers from 1 to 12 or JAN to DEC"),
        ("* * * * 8", "day-of-week must be numbers from 0 to 6 or SUN to SAT.*got '8'"),
        ("* * * * MO", "day-of-week must be .*got 'MO'"),
        ("0 9 ? * *", "day-of-month must be .*got '?'"),
        ("*/90 * * * *", r"minute must be stepped by 1 to 59, got '\*/90'"),
        ("*/0 * * * *", "minute must be stepped by 1 to 59"),
        ("* */24 * * *", "hour must be stepped by 1 to 23"),
        ("50-10 * * * *", "do not end before they begin: 50-59,0-10, got '50-10'"),
        ("0 0 * * FRI-MON", "FRI-SAT,SUN-MON, got 'FRI-MON'"),
        ("1,,2 * * * *", "minute must be .*got ''"),
        ("٣ * * * *", "minute must be"),
        ("0 0 15W * *", "W only in cron"),
        ("0 0 LW * *", "W only in cron"),
        ("0 0 * * MON#6", "day-of-week must be with # 1 to 5"),
        ("0 0 31 4 *", "one that month '4' has, got '31'"),
        ("0 0 30 2 *", "one that month '2' has"),
        ("0 0 */2 * MON", "which AWS cannot say"),
        ("0 0 13 * */2", "which AWS cannot say"),
        ("cron(0 9 * * *)", "around 6 fields"),
        ("cron(0 9 * * * *)", r"must be '\?', and not both"),
        ("cron(0 9 ? * ? *)", r"must be '\?', and not both"),
        ("cron(0 9 ? * 0 *)", "day-of-week must be numbers from 1 to 7"),
        ("cron(0 9 ? * MON#1,FRI#1 *)", "day-of-week must be"),
        ("cron(0 9 1 * ? 1969)", "year must be numbers from 1970 to 2199"),
        ("cron(0 9 31W 2 ? *)", "one that month '2' has"),
    ],
)
def test_what_is_wrong_is_named(expression: str, error: str) -> None:
    with pytest.raises(DeclarationError, match=error):
        Cron(expression)


def test_densest_expression_fits_into_what_aws_takes() -> None:
    fields = (
        ",".join(str(n) for n in numbers if n % 3)  # two neighbours are no range
        for numbers in (range(60), range(24), range(1, 32), range(1, 13))
    )

    (aws,) = told(f"{' '.join(fields)} *")

    assert 230 < len(aws) <= 256


def test_expression_of_aws_that_is_too_long_is_refused() -> None:
    with pytest.raises(DeclarationError, match="at most 256 characters, got 2"):
        Cron(f"cron(0 9 1 * ? {','.join(str(year) for year in range(2000, 2200, 4))})")


def test_more_expressions_than_anybody_reads_are_refused() -> None:
    weekdays = ",".join(f"{day}#{which}" for day in range(5) for which in range(1, 6))

    with pytest.raises(DeclarationError, match="at most 20 of AWS, got 25"):
        told(f"0 0 * * {weekdays}")
