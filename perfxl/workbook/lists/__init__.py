"""Workbooks that are plain lists, which officers look through and edit."""
