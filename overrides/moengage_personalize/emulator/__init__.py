"""A local emulator of MoEngage's Personalize API.

It checks every request against the OpenAPI document only. It behaves as the API is known to behave,
and can simulate rotated keys, rate limits and broken connections.

```python
from moengage_personalize.emulator import Emulator, Fault

with Emulator() as emulator:
    emulator.fail("fetchExperiences", Fault.rate_limited(retry_after=1, times=1))
    ...  # a client with base_url=emulator.base_url
    assert [request.status for request in emulator.requests] == [429, 200]
```

It needs the extra `emulator`.
"""

try:
    from moengage_personalize.emulator.emulator import Emulator
    from moengage_personalize.emulator.experiences.file import ExperienceFileError
    from moengage_personalize.emulator.faults.fault import Fault
    from moengage_personalize.emulator.recorder import ReceivedEvent, RecordedRequest
    from moengage_personalize.emulator.server.app import create_app
    from moengage_personalize.emulator.server.serve import serve
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in {
        "jsonschema_rs",
        "ruamel",
        "starlette",
        "uvicorn",
    }:
        raise
    raise ImportError(
        "the emulator needs more packages: install the package again with the extra emulator",
        name=error.name,
    ) from error

__all__ = [
    "Emulator",
    "ExperienceFileError",
    "Fault",
    "ReceivedEvent",
    "RecordedRequest",
    "create_app",
    "serve",
]
