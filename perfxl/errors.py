"""The errors of perfxl: one class for each kind of mistake in the input or in a call, its facts as arguments.

Words are made at the edge: ``perfxl.messages.sentence`` turns an error into one sentence with the file, the place and
what to do (key ``errors.<class name>`` of the language). ``str(error)`` is that sentence in Chinese.
"""

from __future__ import annotations

import errno
from importlib import import_module
from typing import Any


class PerfxlError(Exception):
    """A mistake in the input or in the call.

    ``facts``: the values that its sentence needs, each an attribute as well; ``code``: the kind of mistake.
    """

    def __init__(self, **facts: object) -> None:
        super().__init__(facts)
        self.facts = facts

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.facts)  # to come back from another process

    @property
    def key(self) -> str:
        """The key of the sentence in a language's ``errors.yaml``."""
        return type(self).__name__

    @property
    def code(self) -> str:
        """The kind of mistake: ``PackageError.no_file``."""
        return self.key

    def __getattr__(self, name: str) -> Any:
        """Return a fact by its name."""
        facts = self.__dict__.get("facts", {})
        if name in facts:
            return facts[name]
        raise AttributeError(f"{type(self).__name__} has no fact {name!r}")

    def __str__(self) -> str:
        """Return the sentence in Chinese."""
        # by name: what is below must not know what is above, save here, where a person reads
        sentence: str = import_module("perfxl.messages").sentence(self)
        return sentence

    def __repr__(self) -> str:
        """Return the kind of mistake and its facts, for developers."""
        return f"{self.key}({', '.join(f'{name}={value!r}' for name, value in self.facts.items())})"


def _rebuild(kind: type[PerfxlError], facts: dict[str, object]) -> PerfxlError:
    return kind(**facts)


class ErrorOfKinds(PerfxlError):
    """A mistake of which the fact ``what`` names the kind; each kind has its sentence: ``<class>.<what>``."""

    @property
    def key(self) -> str:
        """The key of the sentence: the class and the kind of mistake."""
        return f"{type(self).__name__}.{self.facts['what']}"


class FormError(ErrorOfKinds):
    """A form definition, or a county's file of checks, is wrong.

    Facts: ``file``, ``line``, ``what`` (the kind of mistake) and its own. Each kind of mistake has its sentence:
    key ``FormError.<what>``. ``others``: further mistakes of the same definition, found in the same pass.
    """

    others: tuple[FormError, ...] = ()

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.facts), {"others": self.others}


class ListError(ErrorOfKinds):
    """A list workbook, filled in by an officer, is wrong. Facts: ``file``, ``what``, its own; key ``ListError.<what>``.

    A mistake in one cell has its place as the fact ``cell``.
    """


class RegistryError(PerfxlError):
    """A registry of units and projects is wrong. Facts: ``file``, ``mistakes`` (each a RegistryMistake)."""


class RegistryMistake(ErrorOfKinds):
    """One mistake in a registry. Facts: ``what`` and its own; key ``RegistryMistake.<what>``.

    Its place are the facts ``sheet`` (empty where the file has one list only), ``row`` (in YAML the line; 0 for the
    file as a whole) and ``column`` (its letters; empty in YAML, and for a whole row).
    """


class UnknownForm(PerfxlError):
    """No form of that name is known. Facts: ``form``, ``near``, ``known``."""


class RecordsError(ErrorOfKinds):
    """A records file is wrong. Facts: ``file``, ``place``, ``what`` and its own; key ``RecordsError.<what>``."""


class DocumentError(ErrorOfKinds):
    """A published document cannot be taken in. Facts: ``file``, ``what``; key ``DocumentError.<what>``."""


class TemplateMistake(ErrorOfKinds):
    """A document's template cannot be used.

    Facts: ``file``, ``what`` and its own, among them ``paragraph`` (its number) and its ``text``; key
    ``TemplateMistake.<what>``.
    """


class PublishingError(ErrorOfKinds):
    """A document cannot be published, or something is to be known about it. Facts: ``what`` and its own."""


class PackageError(ErrorOfKinds):
    """A file is no workbook that perfxl can open. Facts: ``file``, ``what``; key ``PackageError.<what>``."""


class OtherFile(ErrorOfKinds):
    """A file that lies in a folder or zip beside the workbooks: it is said, and is no failure.

    Facts: ``file``, ``what`` (its kind; ``left_behind`` for those that programs leave, with their ``count``); key
    ``OtherFile.<what>``.
    """


class UnknownWorkbook(PerfxlError):
    """A workbook in which no form is recognised. Facts: ``file``, ``known``."""


class UnusableForm(ErrorOfKinds):
    """A workbook whose form cannot be used here.

    Facts: ``file``, ``what``, ``form``, ``version``; key ``UnusableForm.<what>``. ``unknown``: nobody knows the form;
    ``broken``: its definition has a mistake (``mistakes``, that one error); ``version``: the sheet has answers
    (``fields``) that the form, in the version that is here (``here``), does not ask.
    """


class OutputExists(PerfxlError):
    """A file to be written is there already. Facts: ``file``."""


class UnknownCode(PerfxlError):
    """No rule has that code. Facts: ``code``, ``near``."""


class OutputFailed(PerfxlError):
    """A file cannot be written. Facts: ``file``, ``reason``; ``written``: the files of the same call that were."""


class PrintFailed(PerfxlError):
    """Standard output does not take what is printed. Facts: ``reason``."""


class StoreError(ErrorOfKinds):
    """The store of a round cannot be used. Facts: ``file``, ``what`` and its own; key ``StoreError.<what>``."""


class ClusterError(ErrorOfKinds):
    """A cluster cannot be used. Facts: ``what``, ``address`` and its own; key ``ClusterError.<what>``."""


class NothingToDo(ErrorOfKinds):
    """The call names nothing that can be worked on. Facts: ``what``; key ``NothingToDo.<what>``."""


class ProofFailure(ErrorOfKinds):
    """Something that a form's proof found not to hold. Facts: ``what``, ``file``; key ``ProofFailure.<what>``."""


class StageError(ErrorOfKinds):
    """A later stage cannot be made of what is there. Facts: ``what`` and its own; key ``StageError.<what>``."""


class CarryError(ErrorOfKinds):
    """Last year's records cannot be carried into this year's list, or not all of them.

    Facts: ``what`` and its own; key ``CarryError.<what>``.
    """


class RoundError(ErrorOfKinds):
    """A round cannot be worked on. Facts: ``what``, ``file`` and its own; key ``RoundError.<what>``."""


_REASONS = {
    errno.ENOSPC: "no_space",
    getattr(errno, "EDQUOT", errno.ENOSPC): "no_space",
    errno.EFBIG: "too_large",
    errno.EACCES: "no_permission",
    errno.EPERM: "no_permission",
    errno.EBUSY: "in_use",
    getattr(errno, "ETXTBSY", errno.EBUSY): "in_use",
    errno.EROFS: "read_only",
    errno.EISDIR: "is_folder",
    errno.ENOTDIR: "no_folder",
    errno.ENOENT: "not_found",
    errno.ENAMETOOLONG: "name_too_long",
    errno.EINVAL: "bad_name",
    errno.EILSEQ: "bad_name",
    errno.EMFILE: "too_many_open",
    errno.ENFILE: "too_many_open",
    errno.ELOOP: "too_many_links",
    errno.ENOMEM: "no_memory",
    errno.EIO: "disk_error",
    errno.EBADF: "closed",
    errno.EPIPE: "closed",
}
_IN_USE_ON_WINDOWS = (32, 33)


def reason_of(error: OSError | ValueError) -> str:
    """Return why the operating system refused, as a word: a key of a language's ``system.yaml``.

    ValueError is what Python raises for a name that no file can have.
    """
    if not isinstance(error, OSError):
        return "bad_name"
    if getattr(error, "winerror", None) in _IN_USE_ON_WINDOWS:
        return "in_use"
    return _REASONS.get(error.errno or 0, "other")
