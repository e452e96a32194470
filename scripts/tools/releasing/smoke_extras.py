"""Run by the Python of an environment with all extras: what they add works from the wheel."""

import subprocess
import sys

import httpx

from moengage_personalize.emulator import Emulator


def main() -> None:
    """Asks the emulator for its reference page, and runs the command line's demonstration."""
    with Emulator() as emulator:
        page = httpx.get(f"{emulator.base_url.removesuffix('/v1')}/docs", trust_env=False)
    if not page.is_success or "fetchExperiences" not in page.text:
        sys.exit(f"the emulator answers /docs with {page.status_code}")
    subprocess.run(
        [sys.executable, "-I", "-m", "moengage_personalize", "demo"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    print(f"/docs is {len(page.content):,} bytes, and the command line's demo runs")


if __name__ == "__main__":
    main()
