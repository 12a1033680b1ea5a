"""Workbooks that are plain lists, for officers to look through and edit."""
