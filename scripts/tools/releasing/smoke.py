"""Run by an empty environment's Python: the installed package does its main jobs.

The argument is the version that must be installed; the environment names the emulator.
"""

import asyncio
import sys
from importlib.metadata import version
from importlib.resources import files

from moengage_personalize import AsyncPersonalizeClient, PersonalizeClient
from moengage_personalize_api.api.experiences import list_experience_metadata


async def listed() -> int:
    """The number of experiences, awaited."""
    async with AsyncPersonalizeClient.from_env() as client:
        return len(await client.metadata())


def main() -> None:
    """Fetches, reports, lists; prints what it saw."""
    installed = version("moengage-personalize")
    if installed != sys.argv[1]:
        sys.exit(f"{installed} is installed, {sys.argv[1]} is wanted")
    document = files("moengage_personalize") / "openapi" / "moengage-personalize.yaml"
    if f"  version: {installed}\n" not in document.read_text(encoding="utf-8"):
        sys.exit("the document that ships has another version")
    with PersonalizeClient.from_env() as client:
        banner = client.fetch("homepage-banner", visitor="user_8821")["homepage-banner"]
        client.shown(banner, visitor="user_8821")
        listing = list_experience_metadata.sync(client=client.api)
    if listing is None or asyncio.run(listed()) < 1:
        sys.exit("no experiences are listed")
    print(f"{installed} fetched, reported and listed, sync and async")


if __name__ == "__main__":
    main()
