"""Checks of amounts of money.

MN-02, MN-10 and MN-11 are lines of templates/project-target/form.yaml: they compare answers of one form. The words of
all are in messages/*/rules/MN.yaml.
"""
