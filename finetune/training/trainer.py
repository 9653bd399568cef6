"""transformers' Trainer with our batches, our loss, checkpoints that are whole, and a best model by score."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch
from transformers import PrinterCallback, Trainer, TrainerState, TrainingArguments
from transformers.trainer import TRAINER_STATE_NAME

from finetune.training.checkpoints import Best, Checkpoints, TrainingStoppedError
from finetune.training.collate import collate
from finetune.training.config import StageConfig
from finetune.training.learnt_head import loss_sum
from finetune.training.model import compute_dtype, is_sharded
from finetune.training.packing import RowDataset

Measure = Callable[[Any, int], dict[str, float]]
"""Scores of a model at a step; under "chosen" the figure that the best one has most of."""


def training_arguments(config: StageConfig, *, measured: bool) -> TrainingArguments:
    """The stage's settings in the words of transformers; `measured` where there is something to measure it by."""
    cuda = torch.cuda.is_available()
    every = config.scores.every if config.scores else config.save_steps
    measuring = ("epoch" if every == "epoch" else "steps") if measured else "no"
    arguments = TrainingArguments(
        output_dir=config.out,
        per_device_train_batch_size=config.batch_per_device,
        per_device_eval_batch_size=config.batch_per_device,
        gradient_accumulation_steps=config.accumulation,
        num_train_epochs=config.epochs,
        max_steps=config.max_steps or -1,
        learning_rate=config.learn_rate,
        lr_scheduler_type=config.schedule,
        warmup_steps=config.warmup,
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        # Paged: where the GPU's memory is full, optimizer states move to the computer's. Needs CUDA, and whole weights.
        optim="paged_adamw_8bit" if cuda and config.method != "full" and not is_sharded() else "adamw_torch",
        bf16=compute_dtype(config.precision) is torch.bfloat16,
        activation_checkpointing=config.gradient_checkpointing,
        activation_checkpointing_kwargs={"use_reentrant": False},
        use_cpu=not cuda,
        seed=config.seed,
        logging_steps=config.log_steps,
        logging_nan_inf_filter=False,
        save_strategy="steps",
        save_steps=config.save_steps,
        eval_strategy=measuring,
        eval_steps=None if every == "epoch" or not measured else every,
        remove_unused_columns=False,
        label_names=["labels"],
        include_num_input_tokens_seen="all",
        disable_tqdm=True,
        report_to="none",
        ddp_find_unused_parameters=False,
    )
    if arguments.n_gpu > 1:
        # One process would spread its batch over all GPUs of the machine, slower than on one: see accelerate launch.
        arguments._n_gpu = 1
    return arguments


_MEASURED = {"eval_loss", "scores"}


class StageTrainer(Trainer):
    """Trains a stage's model. Loss is the mean over the learnt tokens of all rows of a step, on all processes."""

    # Whole steps are normalised here, by the number of learnt tokens that Trainer counts over passes and processes.
    loss_is_scaled_for_ga = True

    def __init__(
        self,
        config: StageConfig,
        *,
        model: Any,
        tokenizer: Any,
        train: RowDataset,
        dev: RowDataset | None,
        explicit_mask: bool,
        measure: Measure | None = None,
        callbacks: list[Any] | None = None,
    ) -> None:
        self.checkpoints = Checkpoints(Path(config.out), config.keep)
        self.best = Best(Path(config.out))
        self._measure = measure
        self._saving: Path | None = None
        self._best_figure: float | None = None
        self._has_dev = dev is not None
        super().__init__(
            model=model,
            args=training_arguments(config, measured=dev is not None or measure is not None),
            data_collator=partial(collate, pad_id=tokenizer.pad_token_id or 0, explicit_mask=explicit_mask),
            train_dataset=train,
            eval_dataset=dev if dev is not None else [],
            processing_class=tokenizer,
            callbacks=callbacks,
        )
        self.remove_callback(PrinterCallback)
        self.model_accepts_loss_kwargs = True  # so that Trainer counts the learnt tokens of a step
        self._head = self.accelerator.unwrap_model(self.model).get_output_embeddings()

    def run(self) -> None:
        """Train to the end, from the newest complete checkpoint where there is one.

        Raises TrainingStoppedError where the loss is no number or a checkpoint cannot be written.
        """
        if self.args.should_save:
            self.checkpoints.sweep()
            self.best.sweep()
        self.accelerator.wait_for_everyone()
        newest = self.checkpoints.newest()
        best = self.best.facts() if newest else None
        self._best_figure = best.get("figure") if best else None
        if newest is None or not self._take_up_the_end(newest):
            self._train_on(newest)
        if self.args.eval_strategy != "no" and not self._is_measured():
            self.evaluate()
        if self._best_figure is None:
            self._keep_as_best({"step": self.state.global_step})

    def _train_on(self, checkpoint: Path | None) -> None:
        try:
            self.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        except torch.OutOfMemoryError as error:
            raise TrainingStoppedError(
                f"The device's memory is full at step {self.state.global_step + 1}. Lower batch_per_device and raise "
                "accumulation as much, or switch gradient_checkpointing on, in a new `out`; with the settings as they "
                f"are: {self.checkpoints.last_words()}"
            ) from error

    def _take_up_the_end(self, checkpoint: Path) -> bool:
        """Whether the checkpoint is of the last step, which is then taken up: Trainer itself would train one more."""
        state = TrainerState.load_from_json(str(checkpoint / TRAINER_STATE_NAME))
        if state.global_step < state.max_steps:
            return False
        self.state = state
        self._load_from_checkpoint(str(checkpoint))
        return True

    def _is_measured(self) -> bool:
        step = self.state.global_step
        return any(row["step"] == step and row.keys() & _MEASURED for row in self.state.log_history)

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> torch.Tensor:
        """The share of a step's mean loss that one pass of one process has."""
        total, count = loss_sum(model, inputs, self._head)
        if num_items_in_batch is None:
            return total / count
        # Gradients are averaged over processes, and each knows the tokens of all.
        return total / num_items_in_batch * self.accelerator.num_processes

    def evaluate(self, *given: Any, **options: Any) -> dict[str, Any]:
        """Mean loss over the learnt tokens set aside, and scores; the best model so far is kept."""
        metrics: dict[str, Any] = {}  # of _MEASURED
        if self._has_dev:
            metrics["eval_loss"] = self._eval_loss()
        if self._measure is not None:
            metrics["scores"] = self._scores()
        self.log(dict(metrics))
        figure = metrics["scores"]["chosen"] if self._measure is not None else -metrics["eval_loss"]
        if self._best_figure is None or figure > self._best_figure:
            self._keep_as_best({"step": self.state.global_step, "figure": figure, **metrics})
            self._best_figure = figure
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    @torch.no_grad()
    def _eval_loss(self) -> float:
        model = self.model_wrapped
        model.eval()
        sums = torch.zeros(2, device=self.args.device, dtype=torch.float64)
        for batch in self.get_eval_dataloader():
            with self.compute_loss_context_manager():
                total, count = loss_sum(model, self._prepare_inputs(batch), self._head)
            sums += torch.stack([total.double(), count.double()])
        model.train()
        total, count = self.accelerator.reduce(sums).tolist()
        return float(total / count)

    def _scores(self) -> dict[str, float]:
        """The scores, measured by the main process and known to all."""
        assert self._measure is not None
        from accelerate.utils import broadcast_object_list

        found: list[dict[str, float]] = [{}]
        if self.is_world_process_zero():
            found = [self._measure(self.accelerator.unwrap_model(self.model), self.state.global_step)]
        return dict(broadcast_object_list(found)[0])

    def _keep_as_best(self, described: dict[str, Any]) -> None:
        with self._told("The best model"):
            self.best.replace(self._write_model, described, main=self.args.should_save)
        self.accelerator.wait_for_everyone()

    def _write_model(self, folder: Path) -> None:
        self.save_model(str(folder), _internal_call=True)
        for unwanted in ("training_args.bin", "README.md"):  # the latter is peft's form, not filled in
            (folder / unwanted).unlink(missing_ok=True)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """Trainer's own checkpoint, written aside and then renamed."""
        if not all(bool(weight.isfinite().all()) for weight in model.parameters() if weight.requires_grad):
            raise self._lost("A weight", self.state.global_step)
        with self._told(f"The checkpoint of step {self.state.global_step}"):
            self._saving = self.checkpoints.aside
            try:
                super()._save_checkpoint(model, trial)
            finally:
                self._saving = None
            self.accelerator.wait_for_everyone()
            if self.args.should_save:
                written = self.checkpoints.aside / f"checkpoint-{self.state.global_step}"
                self.checkpoints.complete(self.state.global_step, written)
        self.accelerator.wait_for_everyone()

    def _get_output_dir(self, trial: Any) -> str:
        return str(self._saving or self.args.output_dir)

    def _clip_grad_norm(self, model: Any) -> Any:
        """Trainer's, refusing to go on where a gradient is no number: the weights would be lost with the next step."""
        norm = super()._clip_grad_norm(model)
        if norm is not None and not math.isfinite(float(norm)):
            raise self._lost("The loss or its gradient", self.state.global_step + 1)
        return norm

    def _lost(self, what: str, step: int) -> TrainingStoppedError:
        return TrainingStoppedError(
            f"{what} is no number any more at step {step}. {self.checkpoints.last_words()} If it happens again, lower "
            "learn_rate, in a new `out`."
        )

    def _track_num_input_tokens(self, inputs: dict[str, torch.Tensor]) -> None:
        """Count the tokens of a pass, without padding."""
        own = inputs["n_tokens"].sum().to(self.args.device)
        self.state.num_input_tokens_seen += int(self.accelerator.gather(own).sum())

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """A full disk and the like as one sentence, which says what is left."""
        from safetensors import SafetensorError

        try:
            yield
        except (OSError, RuntimeError, SafetensorError) as error:
            reason = getattr(error, "strerror", None) or " ".join(str(error).split())[:200]
            self.checkpoints.sweep()
            raise TrainingStoppedError(
                f"{what} could not be written: {reason}. {self.checkpoints.last_words()}"
            ) from error
