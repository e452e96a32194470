# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
"""Contains methods for accessing the API"""
