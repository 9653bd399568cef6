"""Make the bundled specialists from scratch: minutes each on one core.

    python -m finetune.specialists entities-en  --data DIR    chemicals, diseases, genes, variants, species, cell lines
    python -m finetune.specialists entities-zh  --data DIR    the nine types of CMeEE, nested mentions too
    python -m finetune.specialists intent-zh    --data DIR    intents of search queries (KUAKE-QIC)
    python -m finetune.specialists criteria-zh  --data DIR    what a trial criterion is about (CHIP-CTC)
    python -m finetune.specialists questions-zh --data DIR    whether two questions mean the same (CHIP-STS, cMedQQ)
    python -m finetune.specialists queries-zh   --data DIR    how two search queries relate (KUAKE-QQR)
    python -m finetune.specialists titles-zh    --data DIR    how well a title fits a query (KUAKE-QTR)
    python -m finetune.specialists hallmarks-en --data DIR    hallmarks of cancer (HoC)
    python -m finetune.specialists topics-en    --data DIR    topics of articles on COVID-19 (LitCovid)
    python -m finetune.specialists relations-en --data DIR    chemicals that induce diseases (BC5CDR), after entities-en
    python -m finetune.specialists interactions-en --data DIR interactions of drugs (DDI corpus), after entities-en
    python -m finetune.specialists questions-en --data DIR    whether two questions mean the same (MQP)
    python -m finetune.specialists relations-zh --data DIR    relations of CMeIE, after entities-zh
    python -m finetune.specialists all          --data DIR    one after the other
    python -m finetune.specialists cards --run RUN            the figures of `python -m eval run` into their cards

`--data` defaults to the environment variable TAIYI_DATA, `--out` to models/specialists/NAME. Settings are in the YAML
files beside this one. What a later run can use again (word vectors, pretrained encoders) is kept in `--work`.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from taiyi.card import CARD_FILE
from taiyi.config import BUNDLED_SPECIALISTS
from taiyi.errors import TaiyiError

HERE = Path(__file__).parent
NAMES = (
    "entities-en",
    "entities-zh",
    "intent-zh",
    "criteria-zh",
    "questions-zh",
    "queries-zh",
    "titles-zh",
    "hallmarks-en",
    "topics-en",
    "relations-en",
    "interactions-en",
    "questions-en",
    "relations-zh",
)


def make(name: str, data_dir: Path, out_dir: Path, work_dir: Path, seed: int, limit: int | None) -> None:
    """Train one specialist and write it to `out_dir`."""
    if name == "entities-en":
        from finetune.specialists import english_entities

        english_entities.train_specialist(data_dir, out_dir, work_dir, seed, limit)
    elif name == "entities-zh":
        from finetune.specialists import chinese_entities

        chinese_entities.train(data_dir, out_dir, seed, limit, work_dir=work_dir / name)
    elif name == "relations-en":
        from finetune.specialists import relations

        relations.train_specialist(data_dir, out_dir, work_dir / "entities-en", seed, limit)
    elif name == "interactions-en":
        from finetune.specialists import interactions

        interactions.train_specialist(data_dir, out_dir, work_dir, seed, limit)
    elif name == "relations-zh":
        from finetune.specialists import chinese_relations

        chinese_relations.train_specialist(data_dir, out_dir, work_dir, seed, limit)
    elif name == "questions-en":
        from finetune.specialists import english_pairs

        english_pairs.train_specialist(data_dir, out_dir, seed, limit)
    elif name == "topics-en":
        from finetune.specialists import topic_classes

        topic_classes.train_specialist(HERE / "topics_en.yaml", data_dir, out_dir, seed, limit)
    elif name in ("questions-zh", "queries-zh", "titles-zh"):
        from finetune.specialists import chinese_pairs

        settings = HERE / f"{name.replace('-', '_')}.yaml"
        chinese_pairs.train_specialist(settings, data_dir, out_dir, work_dir, seed, limit)
    elif name in ("intent-zh", "criteria-zh"):
        from finetune.specialists import chinese_classes

        settings = HERE / f"{name.replace('-', '_')}.yaml"
        chinese_classes.train_specialist(settings, data_dir, out_dir, work_dir, seed, limit)
    else:
        from finetune.specialists import text_classes

        settings = HERE / f"{name.replace('-', '_')}.yaml"
        text_classes.train_specialist(settings, data_dir, out_dir, work_dir, seed, limit)
    from finetune.specialists import curves

    if name in curves.sets():
        unseen = work_dir / name  # where the recipe goes on to train on what it reports on, its state before that
        measured_dir = unseen if (unseen / CARD_FILE).is_file() else out_dir
        curves.add_curves(name, out_dir, data_dir, limit, measured_dir=measured_dir)


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["cards"]:
        from finetune.specialists import cards

        return cards.main(given[1:])
    parser = argparse.ArgumentParser(
        prog="python -m finetune.specialists", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=(*NAMES, "all"))
    parser.add_argument("--data", type=Path, default=os.environ.get("TAIYI_DATA"), help="folder of the corpora")
    parser.add_argument("--out", type=Path, help="folder of the specialist, or of all of them with `all`")
    parser.add_argument("--work", type=Path, default=Path("out/specialists"), help="folder for what can be used again")
    parser.add_argument("--seed", type=int, default=20261120)
    parser.add_argument("--limit", type=int, help="read only so many documents of each part")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    options = parser.parse_args(given)
    if options.data is None:
        parser.error("name the folder of the corpora with --data or TAIYI_DATA")

    import torch

    torch.set_num_threads(options.threads)
    try:
        for name in NAMES if options.name == "all" else (options.name,):
            folder = options.out or BUNDLED_SPECIALISTS
            out = folder / name if options.name == "all" or options.out is None else folder
            make(name, Path(options.data), out, options.work, options.seed, options.limit)
    except TaiyiError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
