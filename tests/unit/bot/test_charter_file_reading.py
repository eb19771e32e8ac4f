import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charter_file.checking import check
from bot.charter_file.reading import LARGEST, read


def sentences(content: bytes) -> list[str]:
    return [str(problem) for problem in read(content).problems]


def test_every_scalar_stays_the_text_that_was_written() -> None:
    source = read(b"at: 10:00\ncountry: NO\nday: 2026-03-01\nolder: 0777\nyes: on\n")

    assert source.tree == {"at": "10:00", "country": "NO", "day": "2026-03-01", "older": "0777", "yes": "on"}
    assert source.problems == []


def test_blank_is_nothing_and_quoted_blank_is_a_text() -> None:
    assert read(b'a:\nb: ~\nc: null\nd: ""\n').tree == {"a": None, "b": None, "c": None, "d": ""}


def test_every_part_knows_its_line() -> None:
    source = read(b"a:\n  - b: 1\n    c: 2\n  - d\n")

    assert source.line_of(("a", 0, "c")) == 3
    assert source.line_of(("a", 1)) == 4
    assert source.line_of(("a", 0, "missing")) == 2


def test_references_tags_merge_keys_and_repeated_fields_are_named_with_their_lines() -> None:
    content = b"a: &x [1]\nb: *x\nc: !!python/object:os.system run\n<<: {d: 1}\na: 2\n"

    assert sentences(content) == [
        "1: a: Anchors (&x) are not read. Take it out.",
        "2: b: References (*x) are not read. Write the value itself.",
        "3: c: Tags (!) are not read. Take it out.",
        "4: <<: Merge keys are not read. Write the fields themselves.",
        "5: a: This is written twice; line 1 has it already.",
    ]


def test_a_bomb_of_references_is_refused_at_once() -> None:
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30))
    began = time.perf_counter()

    checked = check(f"l0: &l0 [lol]\n{levels}\n".encode())

    assert checked.document is None
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "1: The file is empty."),
        (b" \n\t\n", "1: The file is empty."),
        (b"a: b\nc: \xff\n", "2: This is not UTF-8 text. Save the file in that encoding."),
        ("a: b".encode("utf-16"), "1: This is not UTF-8 text. Save the file in that encoding."),
        (b"a: 1\nb: c: d\n", "2: This is not YAML: mapping values are not allowed here."),
        (b"a: 1\n---\nb: 2\n", "2: A second document begins here; one file holds one alliance."),
        (b"? [a]\n: b\n", "1: A field's name must be a plain word."),
        (b"a: 1\n*x : 2\n", "2: References (*x) are not read. Write the value itself."),
        (b"[" * 400_000, "1: This is nested too deeply to be a charter."),
        (b"[" + b"1," * 400_000, "1: The file has more than 20,000 parts."),
        (b"#" * (LARGEST + 1), "1: The file is larger than 1,000,000 bytes, which is more than a charter needs."),
        (b'a: "\\UFFFFFFFF"', "1: This is not YAML: it holds a character that does not exist."),
        (b"x: 1\na: \x07b", "2: A control character (U+0007) has no place in this file. Take it out."),
        (
            "a: 1\nb: x\u202ey".encode(),
            "2: An invisible direction mark (U+202E) could make this read differently. Take it out.",
        ),
    ],
    ids=lambda value: str(value[:24]),
)
def test_what_cannot_be_read_is_refused_with_its_line(content: bytes, said: str) -> None:
    source = read(content)

    assert [str(problem) for problem in source.problems] == [said]
    assert not source.whole


def test_escapes_do_not_bring_back_what_the_file_may_not_hold() -> None:
    assert sentences(b'a: "\\0"\nb: "\\u202e"\nc: "\\ud800"\n') == [
        "1: a: A control character (U+0000) has no place in this file. Take it out.",
        "2: b: An invisible direction mark (U+202E) could make this read differently. Take it out.",
        "3: c: A control character (U+D800) has no place in this file. Take it out.",
    ]


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert read(b"\xef\xbb\xbfa: 1\n").tree == {"a": "1"}


def test_a_text_of_almost_a_megabyte_is_one_problem_and_not_a_long_wait() -> None:
    checked = check(b"alliance:\n  key: a\n  name: " + b"long " * 190_000)

    assert any("at most 120 fit" in problem.sentence for problem in checked.problems)


@given(st.binary(max_size=300) | st.text("ab:-[]{}&*!|>'\"# \n\t?,%@`\\<", max_size=120).map(str.encode))
def test_no_bytes_make_the_check_fail(content: bytes) -> None:
    checked = check(content)

    assert checked.document is None
    assert checked.problems
    assert all(problem.line >= 1 for problem in checked.problems)
