"""Run by the Python of an environment with all extras: what they add works from the wheel."""

import os
import subprocess
import sys

import httpx

from moengage_personalize.emulator import Emulator


def main() -> None:
    """Asks the emulator for its reference page; runs the demo; has typed experiences written."""
    with Emulator() as emulator:
        page = httpx.get(f"{emulator.base_url.removesuffix('/v1')}/docs", trust_env=False)
        if not page.is_success or "fetchExperiences" not in page.text:
            sys.exit(f"the emulator answers /docs with {page.status_code}")
        _run("demo")
        os.environ |= {
            "MOENGAGE_WORKSPACE_ID": emulator.workspace_id,
            "MOENGAGE_PERSONALIZE_API_KEY": emulator.api_key,
            "MOENGAGE_BASE_URL": emulator.base_url,
        }
        classes = _run("types", "--customer-id", "user_8821")
    if "(TypedExperience, key=" not in classes:
        sys.exit(f"types writes no typed experience:\n{classes}")
    print(f"/docs is {len(page.content):,} bytes; demo and types run")


def _run(*arguments: str) -> str:
    command = [sys.executable, "-I", "-m", "moengage_personalize", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
