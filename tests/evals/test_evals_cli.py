"""`assistant eval` and `assistant select` as a shell sees them, with the real small model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from assistant.cli import app
from assistant.settings import Settings
from tests.evals.conftest import CASES

COMMAND = [sys.executable, "-c", "from assistant.cli import main; main()"]


@pytest.fixture(scope="module")
def env(settings: Settings, parts: object) -> dict[str, str]:
    return {
        **os.environ,
        "ASSISTANT_RAILS_DIR": str(settings.rails_dir),
        "ASSISTANT_KNOWLEDGE_DIR": str(settings.knowledge_dir),
        "ASSISTANT_DATA_DIR": str(settings.data_dir),
        "ASSISTANT_OFFLINE": "1",
    }


def run(env: dict[str, str], *args: str) -> Result:
    return CliRunner().invoke(app, args, env=env)


def test_a_run_that_is_killed_goes_on_and_ends_in_a_report_a_choice_and_a_record(env: dict[str, str], tmp_path: Path):
    cases, out = tmp_path / "cases.jsonl", tmp_path / "out"
    cases.write_text("".join(f"{case.model_dump_json()}\n" for case in CASES))
    call = ["eval", "shop", "--models", "smollm2-135m,best-passage", "--cases", str(cases), "--out", str(out)]
    ledger = out / "shop" / "results.jsonl"
    killed = subprocess.Popen([*COMMAND, *call], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while killed.poll() is None and not (ledger.exists() and ledger.read_text().count("\n") >= 2):
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    kept = [line for line in ledger.read_text().split("\n") if line.endswith("}")]

    done = run(env, *call, "--fail-below", "failed=0", "--fail-below", "rouge_l=0.99")

    lines = ledger.read_text().splitlines()
    assert lines[: len(kept)] == kept and len(kept) >= 2
    assert len(lines) == 2 * len(CASES) == len({(row["model"], row["case"]) for row in map(json.loads, lines)})
    assert done.exit_code == 1, done.stderr
    assert "smollm2-135m: rouge_l is 0." in done.stderr and "failed is" not in done.stderr
    assert "5 cases: a difference under about" in done.stderr
    assert "SHOP" in done.stdout and (out / "report.html").exists()
    assert (out / "shop" / "corrections.jsonl").read_text() == ""  # Nobody has approved a text here.

    chosen = run(env, "select", "shop", "--run", str(out), "--gate", "failed<=0", "--weights", "quality=1")
    assert chosen.exit_code == 0, chosen.stderr
    assert "smollm2-135m passes every gate" in chosen.stdout
    again = run(env, "select", "shop", "--run", str(out / "shop" / "decision.json"))
    assert again.exit_code == 0 and "the same ranking as in the record" in again.stdout
    assert run(env, "select", "shop", "--run", str(out), "--gate", "right>=1", "--gate", "total_s<=0").exit_code == 1


def test_the_real_small_model_judges_in_the_form_it_was_given(env: dict[str, str], tmp_path: Path):
    """How well it does is another question, which its agreement with people answers."""
    cases, out = tmp_path / "cases.jsonl", tmp_path / "out"
    cases.write_text(f"{CASES[0].model_dump_json()}\n")
    call = ["eval", "shop", "--models", "best-passage", "--cases", str(cases), "--out", str(out)]
    done = run(env, *call, "--judge", "smollm2-135m")
    (opinion,) = map(json.loads, (out / "shop" / "opinions.jsonl").read_text().splitlines())
    assert len(opinion["grades"]) == 2 and set(opinion["grades"]) <= {1, 2, 3, 4, 5} and all(opinion["reasons"])
    assert len(opinion["weights"]) == 64 and opinion["prompt_tokens"] > 200 and opinion["completion_tokens"] > 10
    assert "A machine’s opinion" in done.stdout and "shop: Agreement with people: not known" in done.stdout


def test_a_public_set_becomes_cases(env: dict[str, str], tmp_path: Path):
    file, out = tmp_path / "set.jsonl", tmp_path / "cases.jsonl"
    file.write_text('{"question": "Where?", "context": "In Oslo.", "answers": ["Oslo"]}\n')
    assert "1 cases in" in run(env, "eval", "import", "question-answer", str(file), "--out", str(out)).stdout
    assert json.loads(out.read_text())["reference"] == "Oslo"


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["eval", "nowhere"], 2, "nowhere"),
        (["eval", "shop", "--models", "smollm2"], 2, "no model named 'smollm2'"),
        (["eval", "shop", "--models", "best-passage,falcon-7b"], 1, "falcon-7b is only described here"),
        (["eval", "shop", "--split", "spare"], 2, "spare"),
        (["eval", "shop", "--fail-below", "beauty=1"], 2, "beauty"),
        (["eval", "shop", "--judge", "gpt-9"], 2, "gpt-9"),
        (["eval", "import", "poems"], 2, "import KIND FILE"),
        (["eval", "import", "poems", "x.jsonl"], 2, "poems"),
        (["eval", "import", "question-answer", "x.jsonl"], 2, "there is no x.jsonl"),
        (["select", "shop", "--run", "none"], 2, "no run in"),
        (["select", "shop", "--run", "none", "--propose"], 2, "needs a key of your own"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(env: dict[str, str], args: list[str], code: int, says: str):
    done = run(env, *args)
    assert done.exit_code == code, done.stderr + done.stdout
    assert says in done.stderr + done.stdout and "Traceback" not in done.stderr
