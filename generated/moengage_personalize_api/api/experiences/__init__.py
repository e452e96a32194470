# Generated from moengage-personalize.yaml 1.0.0 by scripts/generate; do not edit.
"""Contains endpoint functions for accessing the API"""
