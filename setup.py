"""What setup.cfg cannot say: the packages, and that nothing of an earlier build is taken in."""

import shutil

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py


class FreshBuild(build_py):
    """Copies the packages into an empty folder: what was deleted would lie in ``build/`` from the time before."""

    def run(self):
        if not self.editable_mode:
            shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()


# every package found below perfxl/, and two that lie beside it (see package_dir in setup.cfg)
setup(
    packages=[*find_packages(include=["perfxl", "perfxl.*"]), "perfxl.templates", "perfxl.examples"],
    cmdclass={"build_py": FreshBuild},
)
