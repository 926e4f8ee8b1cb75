"""The lm-evaluation-harness asks us like any OpenAI server; `make soak` runs it where `lm_eval` is installed.

It needs packages that do not go together with ours, so it lives in an environment of its own; `LM_EVAL` names its
command where that is not on the path: `LM_EVAL=/opt/lm-eval/bin/lm_eval make soak`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from assistant.access import Keys
from assistant.database import Database
from assistant.settings import Settings
from tests.processes import answers, service

QUESTIONS = (
    ("How much does standard delivery cost?", "3.95"),
    ("What is the price of standard delivery?", "3.95"),
    ("How many days do I have to return an unopened item?", "30"),
    ("How many days do I have to return a faulty item?", "30"),
)
TASK = """task: shop
dataset_path: json
dataset_kwargs: {{data_files: {{test: {file}}}}}
test_split: test
output_type: generate_until
doc_to_text: "{{{{question}}}}"
doc_to_target: "{{{{answer}}}}"
generation_kwargs: {{until: ["\\n\\n\\n"], max_gen_toks: 120, do_sample: false, temperature: 0}}
filter_list:
  - name: number
    filter: [{{function: regex, regex_pattern: "(\\\\d+(?:\\\\.\\\\d+)?)"}}, {{function: take_first}}]
metric_list: [{{metric: exact_match, aggregation: mean, higher_is_better: true}}]
"""


@pytest.mark.soak
async def test_the_harness_runs_a_local_task_against_us(settings: Settings, tmp_path: Path):
    command = os.environ.get("LM_EVAL") or shutil.which("lm_eval")
    if command is None:
        pytest.skip(
            "lm_eval is not installed, so the harness was not tried: pip install 'lm-eval[api]' and set LM_EVAL"
        )
    rows = (json.dumps({"question": question, "answer": answer}) for question, answer in QUESTIONS)
    (tmp_path / "shop.jsonl").write_text("\n".join(rows))
    (tmp_path / "shop.yaml").write_text(TASK.format(file=tmp_path / "shop.jsonl"))
    url = f"sqlite+aiosqlite:///{tmp_path}/assistant.db"
    database = Database(url)
    await database.create()
    key = (await Keys(database).create("lm-eval", ["chat"])).secret
    await database.close()
    with service("whole_service.py", str(settings.rails_dir.parent), url, after=("real",)) as (_, address):
        await answers(address, ready=True)
        harness = (
            f"{command} --model local-chat-completions --tasks shop --include_path {tmp_path} --apply_chat_template "
            f"--model_args model=feedback,base_url={address}/v1/chat/completions,num_concurrent=2,max_retries=3 "
            f"--output_path {tmp_path / 'out'} --log_samples"
        )
        environment = {**os.environ, "OPENAI_API_KEY": key, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
        environment |= {"HF_HOME": str(tmp_path / "hf"), "NO_PROXY": "*"}
        done = subprocess.run(harness.split(), env=environment, capture_output=True, text=True, check=False)  # noqa: ASYNC221 — nothing else is going on
    assert done.returncode == 0, done.stderr[-3000:]
    (report,) = (tmp_path / "out").rglob("results_*.json")
    results = json.loads(report.read_text())
    print("\nlm-evaluation-harness:", results["results"]["shop"], results["n-samples"]["shop"])
    assert results["n-samples"]["shop"]["effective"] == len(QUESTIONS)
    assert results["results"]["shop"]["exact_match,number"] > 0  # Our door is on trial, not the small model.
