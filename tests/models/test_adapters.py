"""Adapters beside their base: one copy of the weights, chosen per request, never mixed."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import HumanMessage

from assistant.errors import Invalid, ModelUnavailable
from assistant.models import Catalog, Keeper, Loading, Loan, Models
from tests.adapters import BASE, install, with_card, write_peft

NAMES = (BASE, "first", "second")
QUESTIONS = ("Name three colours.", "What is the sea?", "Say something about bread.")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, gguf: Path) -> Path:
    made = tmp_path_factory.mktemp("adapters")
    install(made, gguf, "first", seed=1)
    install(made, gguf, "second", seed=2)
    return made


@pytest.fixture(scope="module")
def loading(weights_dir: Path) -> Loading:
    return Loading(weights_dir, threads=1, slots=2, queue=64, context_tokens=512)


@pytest.fixture(scope="module")
async def here(folder: Path, loading: Loading) -> AsyncIterator[Models]:
    models = Models(Catalog([folder]), loading)
    yield models
    await models.aclose()


def copied(folder: Path, to: Path, **changes: object) -> Path:
    """One of the adapters under another name: to export one reads the whole base, which takes seconds."""
    return with_card(shutil.copyfile(folder / "first.gguf", to), **changes)


async def said(model: BaseChatModel, question: str) -> str:
    return (await model.ainvoke([HumanMessage(question)], max_tokens=10)).text


async def written(models: Models, names: tuple[str, ...]) -> dict[tuple[str, str], str]:
    return {(name, question): await said(models.open(name), question) for question in QUESTIONS for name in names}


async def test_what_an_adapter_writes_does_not_depend_on_who_wrote_before(here: Models):
    """The same questions to each in turn and then in the other order: a state kept from another one would show."""
    expected = await written(here, NAMES)
    for question in QUESTIONS:
        assert len({expected[name, question] for name in NAMES}) == 3
    assert await written(here, tuple(reversed(NAMES))) == expected


async def test_the_keeper_s_process_holds_the_adapters_too(here: Models, folder: Path, loading: Loading):
    catalog = Catalog([folder])
    with TemporaryDirectory() as place:
        keeper = Keeper(Path(place), lambda name: loading.spec(catalog, catalog.get(name)))
        await keeper.open()
        models = Models(catalog, loading, reach=lambda name: Loan(keeper.socket, name))
        for name in NAMES:
            assert await said(models.open(name), QUESTIONS[0]) == await said(here.open(name), QUESTIONS[0])
        assert len(keeper._houses) == 1
        await models.aclose()
        await keeper.close()


async def test_a_damaged_adapter_is_unavailable_and_its_base_is_not(tmp_path: Path, folder: Path, loading: Loading):
    file = copied(folder, tmp_path / "damaged.gguf")
    copied(folder, tmp_path / "sound.gguf")
    file.write_bytes(file.read_bytes()[:-1000])
    catalog = Catalog([tmp_path])
    models = Models(catalog, loading)
    with pytest.raises(ModelUnavailable, match=r"damaged\.gguf is corrupt: expected \d+ bytes.*cannot be used"):
        models.open("damaged")
    assert [path.stem for path in loading.spec(catalog, catalog.get(BASE)).adapters if path.parent == tmp_path] == [
        "sound"
    ]


def test_an_adapter_for_other_weights_is_refused_with_both_digests(tmp_path: Path, folder: Path):
    copied(folder, tmp_path / "strange.gguf", base_sha256="ab" * 32)
    with pytest.raises(Invalid, match=r"strange\.yaml: adapter\.base_sha256: .*abab.*smollm2-135m has b179c9523d0e"):
        Catalog([tmp_path])


def test_an_adapter_without_its_base_is_refused(tmp_path: Path, folder: Path):
    copied(folder, tmp_path / "orphan.gguf", base="gone")
    with pytest.raises(Invalid, match="there is no model 'gone'"):
        Catalog([tmp_path])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"says_rank": 8}, "says rank 8 and holds 4"), ({"width": 512}, "made for another base")],
)
def test_what_does_not_fit_is_not_exported(tmp_path: Path, gguf: Path, wrong: dict[str, int], told: str):
    from assistant.tuning.export import export_gguf

    with pytest.raises(Invalid, match=told):
        export_gguf(write_peft(tmp_path / "peft", seed=7, **wrong), gguf, tmp_path / "out.gguf")
    assert not list(tmp_path.glob("out.*"))


def test_an_adapter_is_read_back_as_it_was_exported(tmp_path: Path, gguf: Path):
    from safetensors.numpy import load_file

    from assistant.tuning.export import export_gguf, read_gguf

    export_gguf(write_peft(tmp_path / "peft", seed=8), gguf, tmp_path / "out.gguf", half=False)
    written, read = load_file(tmp_path / "peft" / "adapter_model.safetensors"), read_gguf(tmp_path / "out.gguf", gguf)
    assert written.keys() == read.keys()
    assert all((written[name] == read[name]).all() for name in written)


def test_a_file_that_is_no_adapter_for_the_base_is_not_read(tmp_path: Path, gguf: Path):
    from assistant.tuning.export import read_gguf

    (tmp_path / "cut.gguf").write_bytes(gguf.read_bytes()[:1000])
    with pytest.raises(Invalid, match=r"cut\.gguf cannot be read as a GGUF"):
        read_gguf(tmp_path / "cut.gguf", gguf)
    with pytest.raises(Invalid, match="no part of an adapter that was made here"):
        read_gguf(gguf, gguf)


async def test_an_adapter_writes_only_what_it_was_tuned_to(here: Models):
    assert here.suited("first", "section") == "first"
    assert here.suited("first", None) == BASE
    assert here.suited(BASE, "section") == BASE


async def test_a_base_stays_while_an_adapter_on_it_is_used(here: Models):
    base = here.open(BASE)
    here.open("first")
    await here.keep(["first"])
    assert here.open(BASE) is base
