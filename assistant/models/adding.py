"""Any GGUF file becomes a model of the catalog: its card is made of what the file says and what its owner knows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML

from assistant.errors import Invalid
from assistant.llamacpp import sha256_of
from assistant.models.catalog import ModelCard, read_card


def add_gguf(
    file: Path, name: str, *, folder: Path, weights_dir: Path, like: ModelCard | None = None, licence: str | None = None
) -> ModelCard:
    """Makes the card `name` for the weights in `file`, which stay where they are, and returns it.

    What the file does not say is taken from the card `like`. Without that, commercial use is not assumed. Raises
    Invalid where the file is no GGUF of a whole model, its licence is not known, or other weights lie in its place.
    """
    said = _header(file)
    if said.get("general.type") == "adapter":
        raise Invalid(f"{file} is an adapter, which has a card of its own: put both into {folder}")
    known = licence or (like.licence if like else None) or said.get("general.license")
    if not known:
        raise Invalid(f"{file} does not say its licence; name it with --licence, or a known model with --like")
    window = said.get(f"{said.get('general.architecture')}.context_length")
    same = like if like and licence in (None, like.licence) else None
    fields = {
        "name": name,
        "title": str(said.get("general.name") or (like.title if like else file.stem)),
        "kind": "chat",
        "provider": "llama.cpp",
        "parameters": said["parameters"],
        "context_tokens": int(window or (like.context_tokens if like else 2048)),
        "licence": str(known),
        "licence_url": like.licence_url if like else None,
        "commercial": same.commercial if same else False,
        "max_users": same.max_users if same else None,
        "field_of_use": same.field_of_use if same else "what its licence says",
        "languages": list(like.languages if like else ("en",)),
        "inference": ["cpu", "gpu"],
        "on_premises": True,
        "customisation": ["prompt", "adapters"],
        "price": {"basis": "your own machine; energy and hardware only"},
        "notes": f"Added from {file.name}.",
        "files": [{"name": file.name, "size": file.stat().st_size, "sha256": sha256_of(file)}],
    }
    folder.mkdir(parents=True, exist_ok=True)
    card_file, link = folder / f"{name}.yaml", weights_dir / name / file.name
    if card_file.exists():
        raise Invalid(f"{card_file} is there already; choose another name, or delete it")
    in_place = link.exists() and link.samefile(file)
    if link.exists() and not link.is_symlink() and not in_place:
        raise Invalid(f"{link} is there already; choose another name, or move it away")
    with card_file.open("w", encoding="utf-8") as out:
        YAML().dump(fields, out)
    try:
        card = read_card(card_file)
    except Invalid:
        card_file.unlink()
        raise
    link.parent.mkdir(parents=True, exist_ok=True)
    if not in_place:
        link.unlink(missing_ok=True)
        link.symlink_to(file.resolve())
    return card


def _header(file: Path) -> Mapping[str, int | str]:
    """The values of the file's head that are one number or text, and `parameters`, counted over its tensors."""
    from gguf import GGUFReader, GGUFValueType

    try:
        reader = GGUFReader(file)
    except (OSError, ValueError, IndexError) as error:
        raise Invalid(f"{file}: cannot be read as a GGUF file: {error}") from error
    single = {name: each for name, each in reader.fields.items() if each.types and each.types[0] != GGUFValueType.ARRAY}
    said: dict[str, int | str] = {name: each.contents() for name, each in single.items()}
    said["parameters"] = sum(int(tensor.n_elements) for tensor in reader.tensors)
    return said
