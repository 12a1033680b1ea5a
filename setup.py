"""What setup.cfg cannot say: every package found below perfxl/, and two that lie beside it (see its package_dir)."""

from setuptools import find_packages, setup

setup(packages=[*find_packages(include=["perfxl", "perfxl.*"]), "perfxl.templates", "perfxl.examples"])
