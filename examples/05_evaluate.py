"""Predictions scored and a set run, on two abstracts of our own: `PYTHONPATH=. python examples/05_evaluate.py`.

With the corpora's own files in a folder, `--data` names that folder and nothing else changes.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

CORPUS = """\
1|t|Carbamazepine and rash
1|a|A rash appeared in the second week of carbamazepine.
1\t0\t13\tCarbamazepine\tChemical\tD002220
1\t18\t22\trash\tDisease\tD005076
1\t25\t29\trash\tDisease\tD005076
1\t61\t74\tcarbamazepine\tChemical\tD002220

2|t|Lithium
2|a|Tremor is common with lithium.
2\t0\t7\tLithium\tChemical\tD008094
2\t8\t14\tTremor\tDisease\tD014202
2\t30\t37\tlithium\tChemical\tD008094
"""
PREDICTIONS = (
    {"id": "1", "reply": "Chemical: Carbamazepine; carbamazepine"},
    {"id": "2", "items": [{"text": "Lithium", "type": "Chemical"}]},
)


def evaluate(*arguments: str) -> str:
    """What `python -m eval` prints."""
    command = [sys.executable, "-m", "eval", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    (folder / "CDR_TestSet.PubTator.txt").write_text(CORPUS, encoding="utf-8")
    predictions = folder / "predictions.jsonl"
    predictions.write_text("\n".join(map(json.dumps, PREDICTIONS)), encoding="utf-8")
    print("Predictions made elsewhere: `lithium` is missing.")
    print(evaluate("score", "--set", "bc5cdr-chem", "--predictions", str(predictions), "--data", name))
    print("The bundled models:")
    run = folder / "run"
    print(evaluate("run", "--data", name, "--sets", "bc5cdr-chem,bc5cdr-dise", "--out", str(run)))
    record = json.loads((run / "bc5cdr-chem.jsonl").read_text(encoding="utf-8").splitlines()[0])
    print("One record:", ", ".join(record))
