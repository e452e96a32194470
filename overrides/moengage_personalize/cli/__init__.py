"""The command line, which needs the extra `cli`.

Each command has a module. They share `options` (their arguments), `client_options` (which API to
call), `output` (tables and JSON), `errors` and `exit_codes` (what went wrong).

Without the extra, `__main__` still works: it and `exit_codes` import nothing from the extra.
"""
