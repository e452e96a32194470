"""Runs one language: its cases, the choice of a data center, its time limit and its sample."""

import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance import sampling, toolchain
from conformance.building import Workshop
from conformance.cases import Case
from conformance.driving import Driver, DriverError, SilentDriverError
from conformance.failures import LanguageError
from conformance.judging import difference, is_same, problems
from conformance.languages import Language
from conformance.limits import Limit
from moengage_personalize.emulator import Emulator, Fault

DATA_CENTER = "data-center"
TIME_LIMIT = "time-limit"
SAMPLE = "sample"
DEFAULT_CONTENT = "default-content"
CHECKS = (DATA_CENTER, TIME_LIMIT, SAMPLE, DEFAULT_CONTENT)
"""What each language is held to beside the cases."""
EACH_OPERATION = "each-operation"
"""What a generator without a driver is held to."""

_SAMPLE_SECONDS = 60
_HANG_SECONDS = 8.0


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


def run(
    language: Language, cases: Sequence[Case], limits: Iterable[Limit], workshop: Workshop
) -> Result:
    """Build a language's driver and run everything."""
    own = {limit.case: limit for limit in limits if limit.language == language.name}
    result = Result(language, own)
    start = time.monotonic()
    try:
        toolchain.require(language)
        folder = workshop.build(language)
    except LanguageError as error:
        result.not_run = str(error)
        return result
    result.build_seconds = time.monotonic() - start
    with Emulator() as emulator:
        run = _Run(language, workshop, folder, emulator)
        if language.driver:
            result.problems = run.cases(cases) | {
                DATA_CENTER: run.data_center(),
                TIME_LIMIT: run.time_limit(),
                SAMPLE: run.sample(),
                DEFAULT_CONTENT: run.default_content(),
            }
        else:
            result.problems = {EACH_OPERATION: run.each_operation()}
    result.run_seconds = time.monotonic() - start - result.build_seconds
    return result


class _Run:
    """A built driver beside a running emulator."""

    def __init__(
        self, language: Language, workshop: Workshop, folder: Path, emulator: Emulator
    ) -> None:
        self._folder = folder
        self._driver = workshop.command(language, language.driver)
        self._sample = workshop.command(language, language.sample)
        self._emulator = emulator
        self._environment = {
            **workshop.environment(),
            "MOENGAGE_WORKSPACE_ID": emulator.workspace_id,
            "MOENGAGE_PERSONALIZE_API_KEY": emulator.api_key,
        }

    def cases(self, cases: Sequence[Case]) -> dict[str, str | None]:
        """What is wrong, by case."""
        with Driver(self._driver, self._folder, self._to_emulator) as driver:
            return {case.name: self._case(case, driver) for case in cases}

    def data_center(self) -> str | None:
        """What is wrong with the address of a data center."""
        environment = self._environment | {"MOENGAGE_DATA_CENTER": "03"}
        wanted = {"read": "https://sdk-03.moengage.com/v1"}
        with Driver(self._driver, self._folder, environment) as driver:
            try:
                outcome = driver.ask("baseUrl", {})
            except DriverError as error:
                return str(error)
        return None if is_same(wanted, outcome) else difference(wanted, outcome)

    def time_limit(self) -> str | None:
        """What is wrong where the API never answers: a page would never finish."""
        self._emulator.reset()
        self._emulator.fail(None, Fault.hang())
        with Driver(self._driver, self._folder, self._to_emulator, _HANG_SECONDS) as driver:
            try:
                driver.ask("listExperienceMetadata", {})
            except SilentDriverError:
                return f"the client still waits after {_HANG_SECONDS:g} s for an API that hangs"
            except DriverError:
                # It ended, of an error that is no answer's: that is what its language does.
                pass
        return None if self._emulator.requests else "no request arrived"

    def sample(self) -> str | None:
        """What is wrong with the sample."""
        self._emulator.reset()
        return self._sampled(sampling.problem)

    def default_content(self) -> str | None:
        """What is wrong with the sample where the visitor has no experience."""
        self._emulator.reset()
        self._emulator.fail("fetchExperiences", Fault.answer({"experiences": {}}))
        return self._sampled(sampling.default_content_problem)

    def each_operation(self) -> str | None:
        """What is wrong with a program that calls each operation once."""
        self._emulator.reset()
        self._emulator.fail("fetchExperiences", Fault.answer(sampling.GROWN))
        return self._sampled(sampling.each_operation_problem)

    def _sampled(
        self, judge: Callable[[subprocess.CompletedProcess[str], Emulator], str | None]
    ) -> str | None:
        try:
            done = subprocess.run(
                self._sample,
                cwd=self._folder,
                env=self._to_emulator,
                check=False,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_SAMPLE_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"the sample cannot be run: {error}"
        return judge(done, self._emulator)

    @property
    def _to_emulator(self) -> dict[str, str]:
        return self._environment | {"MOENGAGE_BASE_URL": self._emulator.base_url}

    def _case(self, case: Case, driver: Driver) -> str | None:
        self._emulator.reset()
        answer = case.answer
        self._emulator.fail(
            case.operation,
            Fault.answer(answer.body, status=answer.status, media_type=answer.media_type),
        )
        try:
            outcome = driver.ask(case.operation, case.arguments)
        except DriverError as error:
            return str(error)
        return "; ".join(problems(case, self._emulator.requests, outcome)) or None
