"""Experiences as classes of the application's own. Loaded by the first application that has one."""
