"""One run: every example of the chosen sets is answered, recorded and scored, in a folder that can be taken up again.

Decoding is greedy, so the seed acts on the sample and on the resampling of the intervals alone, and the same settings
give the same numbers.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from eval.answering import GREEDY, Answerer, answerer, records, was_trained_on
from eval.judging import Judgement
from eval.plan import Note, Part, SetPlan, planned
from eval.provenance import describe
from eval.records import RUN_FILE, SCORES_FILE, RecordFile, check_same, read_json, write_json
from eval.score import DRAWS, prompt_hash, score_judgements, signature_of
from eval.sets import load_sets
from taiyi.assistant import Assistant, Choice
from taiyi.errors import EngineError, InputError
from taiyi.tasks.base import Example

SPECIALIST_WORKERS = 2
SEEN = "The weights that answer were trained on this part: the score says nothing of other texts."
NO_SPECIALIST = "no specialist knows its task and labels."
TemplateChoice = Literal["model", "pinned"]
TEMPLATE_CHOICES: tuple[TemplateChoice, ...] = ("model", "pinned")


@dataclass(frozen=True, slots=True)
class RunSettings(Part):
    """What a run is begun with, and must be taken up with.

    `template` "model" asks a language model with the prompt template that its card names for a task and language, and
    where it names none, as everybody else, with the one that the set pins; "pinned" always with that one.
    """

    model: str = ""
    adapter: str = ""
    quantize: str = ""
    predictor: Choice = "auto"
    specialists_dir: str = ""
    template: TemplateChoice = "model"


class Run:
    """A run's folder with its settings. The model is loaded by `load` when there is something left to answer."""

    def __init__(
        self, folder: Path, settings: RunSettings, load: Callable[[], Assistant], *, batch: int, note: Note
    ) -> None:
        self.folder = folder
        self.settings = settings
        self.batch = batch
        self.note = note
        self._load = load
        self._assistant: Assistant | None = None
        self._header: dict[str, Any] = {}
        if (folder / RUN_FILE).is_file():
            self._header = read_json(folder / RUN_FILE)
            check_same(folder, self._header, asdict(settings), tuple(asdict(settings)))

    def run(self, sets: Sequence[SetPlan], missing: Mapping[str, str]) -> list[dict[str, Any]]:
        """Answer what is not answered yet, score every set, and return the rows of `scores.json`.

        Raises TaiyiError where the run can't go on; what is done is kept.
        """
        self._header["missing"] = {**self._header.get("missing", {}), **missing}
        rows = {row["set"]: row for row in self._scores()}
        for plan in sets:
            name = plan.eval_set.name
            self._header["missing"].pop(name, None)
            row = self._row(plan)
            if row is not None:
                rows[name] = row
                write_json(self.folder / SCORES_FILE, [rows[known] for known in load_sets() if known in rows])
        if self._header.get("sets"):
            write_json(self.folder / RUN_FILE, self._header)
        return [rows[known] for known in load_sets() if known in rows]

    def close(self) -> None:
        """Free the model, where it was loaded."""
        if self._assistant is not None:
            self._assistant.close()

    def _scores(self) -> list[dict[str, Any]]:
        path = self.folder / SCORES_FILE
        rows: list[dict[str, Any]] = read_json(path) if path.is_file() else []
        return rows

    def _row(self, plan: SetPlan) -> dict[str, Any] | None:
        """The set's row of `scores.json`; None where nobody answers it."""
        name = plan.eval_set.name
        file = RecordFile(self.folder, name)
        if self._left(plan, file) or name not in self._header.get("sets", {}):
            try:
                who = answerer(self.assistant, plan.examples[0].request, self.settings.predictor)
            except InputError as error:
                reason = NO_SPECIALIST if error.code == "no_specialist" else str(error)
                self.note(f"{name} is not answered: {reason}")
                self._header["missing"][name] = reason
                return None
            asked = self._asked(plan, who)
            self._enter(asked, who)
            self._answer(who, asked, file)
        return self._scored(plan, file)

    @property
    def assistant(self) -> Assistant:
        """Loaded at the first use; its weights must be those that the run was begun with."""
        if self._assistant is None:
            self._assistant = self._load()
            made = {**asdict(self.settings), **describe(self._assistant, GREEDY)}
            check_same(self.folder, self._header, made, ("revision", "specialists", "decoding"))
            self._header = {**made, **self._header}
        return self._assistant

    def _left(self, plan: SetPlan, file: RecordFile) -> list[Example]:
        """What has no record yet, in the order of the plan for all."""
        if not plan.examples:
            raise InputError(f"{plan.eval_set.name} has no examples to score.")
        done = {record["id"] for record in file.read()}
        foreign = done - {example.id for example in plan.examples}
        if foreign:
            raise InputError(
                f"{file.path} has a record of {min(foreign)}, which is not among the {len(plan.examples)} examples of "
                f"{plan.eval_set.name} here. Give the --data that the run was begun with, or another folder with --out."
            )
        return [example for example in planned(plan.examples) if example.id not in done]

    def _asked(self, plan: SetPlan, who: Answerer) -> SetPlan:
        """The plan with the template that this answerer is asked with."""
        request = plan.examples[0].request
        own = self.assistant.card.templates.get(request.task, {}).get(request.lang)
        if own is None or who.kind == "specialist" or self.settings.template == "pinned":
            return plan
        return plan.asked_with(own)

    def _enter(self, plan: SetPlan, who: Answerer) -> None:
        """Note in `run.json` how this set is made, before it is."""
        name = plan.eval_set.name
        seen = was_trained_on(who.predictor, plan.eval_set, self.settings.split)
        if seen:
            self.note(f"{name}: {SEEN}")
        entry = {
            "predictor": who.kind,
            "by": who.predictor.name,
            "offered": who.offered,
            "template": plan.examples[0].request.template,
            "prompt": prompt_hash(plan.examples[0]),
            "files": list(plan.files),
            "note": " ".join(filter(None, (plan.note, SEEN if seen else ""))),
            "seen": seen,
        }
        sets = self._header.setdefault("sets", {})
        check_same(self.folder / name, sets.get(name, {}), entry, ("predictor", "by", "prompt"))
        sets[name] = entry
        write_json(self.folder / RUN_FILE, self._header)

    def _answer(self, who: Answerer, plan: SetPlan, file: RecordFile) -> None:
        left = self._left(plan, file)
        n_workers = SPECIALIST_WORKERS if who.kind == "specialist" else self.batch
        made = records(who, plan.eval_set, left, n_workers)
        n_done = len(plan.examples) - len(left)
        try:
            with file, closing(made):
                for record in progress(made, plan.eval_set.name, n_done, len(plan.examples)):
                    file.append(record)
        except EngineError as error:
            raise EngineError(
                f"{error} What was answered is kept in {self.folder}; run the same command again to go on.",
                code=error.code,
            ) from error

    def _scored(self, plan: SetPlan, file: RecordFile) -> dict[str, Any]:
        """The row of a set whose records are complete."""
        entry = self._header["sets"][plan.eval_set.name]
        plan = plan.asked_with(entry.get("template", plan.eval_set.template))
        record_by_id = {record["id"]: record for record in file.read()}
        ordered = [record_by_id[example.id] for example in plan.examples]
        request = plan.examples[0].request
        seed = self.settings.seed
        score = score_judgements(
            plan.eval_set,
            [Judgement.from_dict(record["id"], record["score"]) for record in ordered],
            labels=request.labels or request.options,
            n_missing=sum(record.get("missing", False) for record in ordered),
            signature=signature_of(plan.eval_set, plan.examples, split=self.settings.split, draws=DRAWS, seed=seed),
            draws=DRAWS,
            seed=seed,
        )
        told = {key: entry[key] for key in ("predictor", "by", "offered")}
        issues = Counter(kind for record in ordered for kind in {issue["kind"] for issue in record["issues"]})
        return {
            "set": plan.eval_set.name,
            **told,
            **score.to_dict(),
            "split": self.settings.split,
            "files": entry["files"],
            "note": entry["note"],
            "seen": entry.get("seen", False),
            "issues": dict(sorted(issues.items())),  # in how many examples each kind of issue came up
        }


def progress(made: Iterable[dict[str, Any]], name: str, n_done: int, n_all: int) -> Iterable[dict[str, Any]]:
    """The same records, with a bar on standard error that shows the time left."""
    from tqdm import tqdm

    bar: Iterable[dict[str, Any]] = tqdm(
        made, desc=name, initial=n_done, total=n_all, unit=" documents", file=sys.stderr, disable=n_done == n_all
    )
    return bar
