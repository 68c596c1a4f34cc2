"""A page as something to do: files, commands, and what they print."""

import os
from pathlib import Path

import pytest

from demo.expectation import UnmetExpectation
from demo.page import Commands, File, printed, shown, steps, take

PAGE = """# A page

```sh
never run
```

## Do

```python
# functions/a/job.py
x = 1
```

```sh
name=Ada
```

```sh
echo "hello $name"
```

```text
hello ...
```

## Else

```sh
never run either
```
"""


def test_section_is_read_in_its_order() -> None:
    assert steps(PAGE, "Do") == [
        File(path="functions/a/job.py", text="# functions/a/job.py\nx = 1\n"),
        Commands(text="name=Ada\n", prints=None),
        Commands(text='echo "hello $name"\n', prints="hello ...\n"),
    ]


def test_commands_share_their_variables_and_files_are_written(tmp_path: Path) -> None:
    (tmp_path / "functions" / "a").mkdir(parents=True)

    outputs = [take(step, tmp_path, os.environ) for step in steps(PAGE, "Do")]

    assert outputs == ["", "", "hello Ada\n"]
    assert (tmp_path / "functions" / "a" / "job.py").read_text().endswith("x = 1\n")


@pytest.mark.parametrize(
    ("text", "prints", "said"),
    [("exit 3", None, "ended with 3"), ("false | cat", None, "ended with 1"), ("echo a", "b", "b")],
)
def test_what_is_not_as_the_page_says_is_told(
    tmp_path: Path, text: str, prints: str | None, said: str
) -> None:
    with pytest.raises(UnmetExpectation, match=said):
        take(Commands(text=f"{text}\n", prints=prints), tmp_path, os.environ)


@pytest.mark.parametrize(
    ("wanted", "got", "same"),
    [
        ("a ... c\n", "a b c\n", True),
        ("a\n...\nc", "a\nb\nb\nc", True),
        ("a ...", "b a c", False),
        ("a.c", "abc", False),
        ("a", "a\nb", False),
    ],
)
def test_three_dots_stand_for_anything(wanted: str, got: str, *, same: bool) -> None:
    assert printed(wanted, got) is same


@pytest.mark.parametrize("block", ["```text\nalone\n```\n", "```python\nx = 1\n```\n"])
def test_block_that_belongs_to_nothing_is_refused(block: str) -> None:
    with pytest.raises(ValueError, match="must"):
        steps(f"\n## Do\n{block}", "Do")


def test_steps_are_shown_as_people_type_them() -> None:
    assert [*shown(Commands(text="a\nb\n", prints=None))] == ["$ a", "$ b"]
    assert [*shown(File(path="functions/a/job.py", text=""))] == ["write functions/a/job.py"]
