"""Access to the data that ships with perfxl: the folder templates/, installed as the package ``perfxl.templates``."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable


def path(*parts: str) -> Traversable:
    """Return a file or folder of templates/: ``path("taxonomies", "cn-2015.yaml")``. It need not exist."""
    return files("perfxl.templates").joinpath(*parts)


def names(folder: str) -> tuple[str, ...]:
    """Return the names of the YAML files in a folder, sorted, without their ending: ``names("taxonomies")``."""
    place = path(folder)
    if not place.is_dir():
        return ()
    return tuple(sorted(entry.name[:-5] for entry in place.iterdir() if entry.name.endswith(".yaml")))
