"""Runs one language: its cases, the choice of a data center, and its sample."""

import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from conformance import building, sampling, toolchain
from conformance.cases import Case
from conformance.driving import Driver, DriverError
from conformance.failures import LanguageError
from conformance.judging import is_same, problems
from conformance.languages import Language
from conformance.limits import Limit
from moengage_personalize.emulator import Emulator, Fault

DATA_CENTER = "data-center"
SAMPLE = "sample"
CHECKS = (DATA_CENTER, SAMPLE)
"""What each language is held to beside the cases."""

_SAMPLE_SECONDS = 60


@dataclass(slots=True)
class Result:
    """How a language did.

    Attributes:
        language: Which.
        limits: Its recorded limits, by case.
        problems: What was wrong, by case; None where the case passed.
        not_run: Why it was not run; None where it was.
        build_seconds: How long generating and building took.
        run_seconds: How long the cases took.
    """

    language: Language
    limits: dict[str, Limit]
    problems: dict[str, str | None] = field(default_factory=dict[str, str | None])
    not_run: str | None = None
    build_seconds: float = 0.0
    run_seconds: float = 0.0

    @property
    def passed(self) -> int:
        """How many cases passed."""
        return sum(problem is None for problem in self.problems.values())

    @property
    def known(self) -> list[str]:
        """The cases that failed as recorded."""
        return [name for name, problem in self.problems.items() if problem and name in self.limits]

    @property
    def defects(self) -> dict[str, str]:
        """What is wrong by case: failures that are not recorded, and records that are not true."""
        failures = {
            name: problem
            for name, problem in self.problems.items()
            if problem and name not in self.limits
        }
        gone = {
            name: "passes, though tests/conformance/limits.json says that it cannot"
            for name in self.limits
            if self.problems and self.problems.get(name) is None
        }
        return failures | gone

    @property
    def is_good(self) -> bool:
        """Whether it ran, and nothing is wrong but what is recorded."""
        return self.not_run is None and not self.defects


def run(language: Language, cases: Sequence[Case], limits: Iterable[Limit]) -> Result:
    """Build a language's driver and run everything."""
    own = {limit.case: limit for limit in limits if limit.language == language.name}
    result = Result(language, own)
    start = time.monotonic()
    try:
        toolchain.require(language)
        folder = building.build(language)
    except LanguageError as error:
        result.not_run = str(error)
        return result
    built = time.monotonic()
    environment = building.environment()
    command = building.command(language, language.driver)
    with Emulator() as emulator:
        connected = {
            **environment,
            "MOENGAGE_WORKSPACE_ID": emulator.workspace_id,
            "MOENGAGE_PERSONALIZE_API_KEY": emulator.api_key,
        }
        to_emulator = connected | {"MOENGAGE_BASE_URL": emulator.base_url}
        with Driver(command, folder, to_emulator) as driver:
            for case in cases:
                result.problems[case.name] = _case_problem(case, driver, emulator)
        with Driver(command, folder, connected | {"MOENGAGE_DATA_CENTER": "03"}) as driver:
            result.problems[DATA_CENTER] = _data_center_problem(driver)
        emulator.reset()
        try:
            done = subprocess.run(
                building.command(language, language.sample),
                cwd=folder,
                env=to_emulator,
                check=False,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_SAMPLE_SECONDS,
            )
            result.problems[SAMPLE] = sampling.problem(done, emulator)
        except (OSError, subprocess.TimeoutExpired) as error:
            result.problems[SAMPLE] = f"the sample cannot be run: {error}"
    result.build_seconds = built - start
    result.run_seconds = time.monotonic() - built
    return result


def _case_problem(case: Case, driver: Driver, emulator: Emulator) -> str | None:
    emulator.reset()
    answer = case.answer
    emulator.fail(
        case.operation,
        Fault.answer(answer.body, status=answer.status, media_type=answer.media_type),
    )
    try:
        outcome = driver.ask(case.operation, case.arguments)
    except DriverError as error:
        return str(error)
    return "; ".join(problems(case, emulator.requests, outcome)) or None


def _data_center_problem(driver: Driver) -> str | None:
    wanted = {"read": "https://sdk-03.moengage.com/v1"}
    try:
        outcome = driver.ask("baseUrl", {})
    except DriverError as error:
        return str(error)
    return None if is_same(wanted, outcome) else f"outcome should be {wanted}, is {outcome}"
