"""What can be broken: the project and the models of the runs' own tests."""

from tests.runs.conftest import begin as begin
from tests.runs.conftest import project as project
