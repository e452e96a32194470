"""The command line, which needs the extra `cli`.

One module a command; what they share lies in `options` (their arguments), `client_options` (whom to
call), `output` (tables and JSON), `errors` and `exit_codes` (what went wrong).

Only `__main__` may rely on what this package does without the extra: it and `exit_codes` import
nothing of it.
"""
