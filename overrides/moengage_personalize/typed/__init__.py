"""Experiences as the application's own classes. Loaded only if an application has one."""
