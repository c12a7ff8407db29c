"""Lists of tests that are skipped or known to fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradjury.properties.conformance.expectations import Expectation, read_list


def test_a_line_is_a_test_and_a_reason(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("# a comment\n\ntest_a.py::test_b[tanh-torch.tanh(x)]  # saturates: 1 − tanh²\n")
    assert read_list(str(file)) == [Expectation("test_a.py::test_b[tanh-torch.tanh(x)]", "saturates: 1 − tanh²")]


def test_a_star_stands_for_any_text_and_all_else_for_itself() -> None:
    pattern = Expectation("test_a.py::test_b[tanh*]", "why")
    assert pattern.matches("test_a.py::test_b[tanh-torch.tanh(x)]")
    assert not pattern.matches("test_a.py::test_b[sinh-torch.sinh(x)]")
    assert not Expectation("test_a.py::test_[b]", "why").matches("test_a.py::test_b")


@pytest.mark.parametrize("line", ["test_a.py", "test_a.py # one blank", "test_a.py  #"])
def test_a_line_without_reason_is_an_error_that_names_it(tmp_path: Path, line: str) -> None:
    file = tmp_path / "list.txt"
    file.write_text(f"# first\n{line}\n")
    with pytest.raises(ValueError, match=r"list\.txt, line 2: .*expected TEST  # REASON"):
        read_list(str(file))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"missing.*cannot be read"):
        read_list(str(tmp_path / "missing"))


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "binary"
    file.write_bytes(b"test\xff")
    with pytest.raises(ValueError, match=r"binary' is no UTF-8 \(byte 5\); expected TEST  # REASON a line"):
        read_list(str(file))
