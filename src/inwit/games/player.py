"""A network trained in an environment: train, resume, load, evaluate, trace."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from inwit.errors import DamagedRun, InvalidOption, own_code
from inwit.evaluation.history import Trained, folder_of_run
from inwit.extras import working_folder
from inwit.games.base import WorldSpec
from inwit.games.certificate import certify_player
from inwit.games.live import Live
from inwit.games.normalising import NormalisedPolicy
from inwit.games.recipe import GameRecipe, read_game_recipe
from inwit.games.scores import LONGEST, GameScore, fresh_seeds, mmer, score_player
from inwit.games.traces import GameTrace, trace_player
from inwit.games.training import GameTraining
from inwit.parts import check_count, check_seed, parts_in
from inwit.probes import Certificate
from inwit.texts import to_json
from inwit.training.keeping import fresh_folder, go_back, train_and_keep
from inwit.training.metrics import Report
from inwit.training.run_folder import RunFolder

FRESH_SEED = 2026
"""The seed of scored episodes."""
EPISODES, EXAMINED = 100, 200
"""Default number of scored episodes, and of those of a figure of a certificate."""


class Player(Trained):
    """One network and the environment that it was trained in."""

    def __init__(self, recipe: GameRecipe, policy: NormalisedPolicy, updates: int) -> None:
        """Join the parts; `train_game` and `load_game` do this.

        Args:
            recipe: of its training.
            policy: the network.
            updates: how many it was trained for.
        """
        self.recipe: GameRecipe = recipe
        self.folder = folder_of_run(recipe)
        self.policy, self.updates = policy.eval(), updates

    def evaluate(
        self,
        episodes: int = EPISODES,
        *,
        seed: int = FRESH_SEED,
        beside: "Player | None" = None,
        longest: int = LONGEST,
    ) -> GameScore:
        """Mean returns over fresh episodes, beside random play.

        Args:
            episodes: how many.
            seed: which ones; their seeds are drawn apart from those of training.
            beside: another agent that plays them, such as one without memory.
            longest: actions after which an episode is stopped.

        Raises:
            InvalidOption: the environment is a live one, the other agent was trained in another,
                or a number is out of range.
        """
        check_seed(seed)
        check_count("episodes", episodes)
        check_count("actions", longest)
        if not isinstance(beside, Player | None):
            raise InvalidOption(f"beside={beside!r:.60}: give an agent, such as inwit.load(PATH)")
        world, other = self.recipe.environment, beside.recipe if beside else self.recipe
        if other.environment != world:
            theirs, here = (
                f"{each.label} {to_json(parts_in(each.dump())[1])}"
                for each in (other.environment, world)
            )
            raise InvalidOption(f"an agent of {theirs:.160} cannot play in {here:.160}")
        score = score_player(
            self.policy,
            world,
            count=episodes,
            seed=seed,
            beside=beside.policy if beside else None,
            other=other.policy.name,
            batch=self.recipe.batch,
            longest=longest,
        )
        return replace(score, best=self.mmer())

    def trace(
        self, episodes: int = 5, *, seed: int = FRESH_SEED, longest: int = LONGEST
    ) -> Sequence[GameTrace]:
        """Greedy episodes, action by action: the first ones that `evaluate` plays.

        Args:
            episodes: how many.
            seed: which ones.
            longest: actions after which an episode is stopped.

        Raises:
            InvalidOption: the environment is a live one, or a number is out of range.
        """
        check_seed(seed)
        check_count("episodes", episodes)
        check_count("actions", longest)
        seeds = fresh_seeds(seed, episodes)
        return trace_player(self.policy, self.recipe.environment, seeds, longest=longest)

    def certify(
        self, episodes: int = EXAMINED, *, seed: int = FRESH_SEED, longest: int = LONGEST
    ) -> Certificate:
        """What the network knows: every claim with what would refute it.

        A control is trained in the budget of the run, so it takes about as long.

        Args:
            episodes: how many fresh episodes a figure is made of.
            seed: fixes all randomness: the same seed gives the same figures, to the digit.
            longest: actions after which an episode is stopped.

        Raises:
            InvalidOption: the environment is a live one, the agent is not on the CPU, or a number
                is out of range.
        """
        check_seed(seed)
        check_count("episodes", episodes)
        check_count("actions", longest)
        if self.recipe.device != "cpu":
            raise InvalidOption("a certificate is made on the CPU: load the agent there")
        made = self.folder.made() if self.folder else {}
        return certify_player(
            self.recipe,
            self.policy,
            made=made,
            updates=self.updates,
            episodes=episodes,
            seed=seed,
            longest=longest,
        )

    def mmer(self) -> float | None:
        """The maximum of the mean episodic return in training (see `scores.mmer`)."""
        return mmer(self.folder.metrics()) if self.folder else None


def train_game(recipe: GameRecipe, *, report: Callable[[Report], None] | None = None) -> Player:
    """Train in an environment and write the run folder; see `inwit.train`."""
    here = working_folder()
    with own_code():
        training = GameTraining(recipe)
    with closing(training), fresh_folder(recipe, here, world=training.game.spec.told) as folder:
        return _run(training, folder, report)


def resume_game(folder: RunFolder, *, report: Callable[[Report], None] | None = None) -> Player:
    """Resume a run that was stopped; the result is the same, bit for bit, as without the stop.

    Raises:
        InvalidOption: it was trained in a live environment, or another process trains in it.
        DamagedRun: it is damaged, or the environment does not come back to where it was.
    """
    with own_code():
        training = GameTraining(_recipe(folder))
    with closing(training), folder.held():
        _check_world(folder, training.game.spec)
        go_back(folder, training.restore)
        return _run(training, folder, report)


def load_game(
    folder: RunFolder, *, device: str = "cpu", snapshot: int | None = None, best: bool = False
) -> Player:
    """The player of a run folder; see `inwit.load`."""
    recipe = _recipe(folder).but(device=device)
    spec = recipe.environment.look()
    _check_world(folder, spec)
    policy = recipe.network(spec)
    if best:
        checkpoint = folder.best()
        checkpoint.fill(policy)
        return Player(recipe, policy, checkpoint.update)
    folder.load(policy, snapshot)
    return Player(recipe, policy, _updates(folder, recipe) if snapshot is None else snapshot)


def _check_world(folder: RunFolder, spec: WorldSpec) -> None:
    """Refuse an environment that is not the one of the run.

    Raises:
        InvalidOption: it has other spaces.
    """
    then, now = folder.made().get("world", spec.told), spec.told
    if now != then:
        raise InvalidOption(f"the environment has changed since {folder.path}: {now}; then {then}")


def _updates(folder: RunFolder, recipe: GameRecipe) -> int:
    """How many were made; all where a folder has weights alone."""
    try:
        return folder.latest().update
    except DamagedRun:
        return recipe.updates


def is_game(folder: RunFolder) -> bool:
    """A run was trained in an environment."""
    return "environment" in folder.plain()


def is_live(folder: RunFolder) -> bool:
    """A run was trained in a live environment, which is gone."""
    return is_game(folder) and parts_in(folder.plain()["environment"])[0] == Live.name


def _recipe(folder: RunFolder) -> GameRecipe:
    try:
        return read_game_recipe(folder.plain()).but(out=folder.path)
    except (KeyError, TypeError) as error:
        raise DamagedRun(f"{folder.path} is damaged: {error}") from error


def _run(
    training: GameTraining, folder: RunFolder, report: Callable[[Report], None] | None
) -> Player:
    recipe = training.recipe
    train_and_keep(
        training,
        folder,
        report,
        checkpoint=training.checkpoint,
        updates=recipe.updates,
        optimiser=recipe.optimiser,
        resumable=recipe.environment.resumable,
    )
    return Player(recipe.but(out=Path(folder.path)), training.policy, training.update)
