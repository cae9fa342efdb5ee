"""One lively study, one analyst of it, and the analyst's program."""

import pytest

from annotation.models import Study
from tests.api.cast import Program, a_lively_study, a_program, a_user


@pytest.fixture
def study(db: None) -> Study:
    return a_lively_study()


@pytest.fixture
def program(study: Study) -> Program:
    return a_program(a_user(study=study, role="analyst"))
