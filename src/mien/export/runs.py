"""The runs that are exported: found by a place, refused where they are not today's."""

from pathlib import Path

from mien import layout
from mien.errors import SourceError
from mien.ids import sha256_of
from mien.params import AnyVariant, Params
from mien.train.card import Card, names_of
from mien.train.families import model_of
from mien.train.final import learned_by
from mien.train.trained import changed_since, read_trained, refuse_other_tables


def runs_at(place: Path, params: Params) -> list[Path]:
    """Return the runs that are meant: the one in the folder, or all of a variant.

    A variant is named by its folder, models/<variant> or finals/<variant>, or by its name alone.
    Raises SourceError where that is no run of this project.
    """
    given = (
        layout.MODELS / place if place.parent == Path() and place.name in params.variants else place
    )
    is_run = layout.RUN.fullmatch(given.name) is not None
    name = given.parent.name if is_run else given.name
    variant = params.variant(name)
    for home, names in (
        (layout.MODELS, variant.runs(params.train.split.folds)),
        (layout.FINALS, [f"seed-{seed}" for seed in variant.seeds]),
    ):
        folder = home / name
        if is_run and given.resolve() == (folder / given.name).resolve():
            if given.name not in names:
                raise SourceError(
                    f"{given}: by params.yaml {name} has no such run; it has {', '.join(names)}"
                )
            return [folder / given.name]
        if not is_run and given.resolve() == folder.resolve():
            return [folder / one for one in names]
    raise SourceError(f"{place}: not a run of this project; they are in {layout.MODELS / name}")


def is_final(run: Path) -> bool:
    """Return whether the folder is one of `mien train final`."""
    return run.parts[0] == str(layout.FINALS)


def checked(run: Path, params: Params) -> tuple[Path, Card]:
    """Return the model and card of a run.

    Raises SourceError for a run that is not trained, or not with today's settings and tables.
    """
    name = names_of(run)[0]
    again = f"mien train final {name}"
    if is_final(run) and not (run / "model.json").is_file():
        raise SourceError(f"{run} is not trained: run `{again}` first")
    card = read_trained(run, params)
    model = model_of(run, card.family)
    if is_final(run):
        if card.final != learned_by(params.variant(name)):
            raise SourceError(f"{run} was trained with other labels or splits: run `{again}` first")
    else:
        refuse_other_tables(model, tables_of(params.variant(name)))
        refuse_old_figures(layout.RUNS / name / run.name, model, layout.CARDS / f"{name}.md")
    return model, card


def tables_of(variant: AnyVariant) -> tuple[Path, ...]:
    """Return the tables that a variant learns by."""
    return layout.LABELS, layout.SPLITS / variant.split, layout.INDEX


def refuse_old_figures(figures: Path, model: Path, card: Path) -> None:
    """Raise SourceError when the ledger says that figures or card are those of an earlier model."""
    predictions, metrics = figures / "predictions.csv", figures / "metrics.json"
    for made, of in ((predictions, model), (metrics, predictions), (card, metrics)):
        if of.is_file() and changed_since(made, (of,)) is not None:
            raise SourceError(f"{made} is of an earlier model: run `snakemake` first")


def sha256(path: Path) -> str:
    """Return the SHA-256 of what the file holds; raise SourceError when it is missing."""
    try:
        return sha256_of(path)
    except FileNotFoundError:
        raise SourceError(f"{path} is missing: run `dvc pull` or `snakemake` first") from None
