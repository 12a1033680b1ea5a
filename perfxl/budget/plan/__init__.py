"""Checks of the spending plan.

PL-02, PL-03 and PL-05 are lines of templates/project-target/form.yaml: they compare answers of one form. The words of
all are in messages/*/rules/PL.yaml.
"""
