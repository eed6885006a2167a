"""Trainers of other libraries, on the same game and of the same width.

tutorial.py     the tutorial as published, and with one fault mended
game.py         the tutorial's first stage for a batch of episodes, in numpy
in_jax.py, sb3.py, in_torchrl.py    who plays it
"""

from inwit.bench.contenders import Contender

OTHERS = (
    Contender(
        name="jax",
        title="JAX, one jitted update (GRU)",
        build="contenders.in_jax:build",
        needs=("jax",),
        install="pip install jax",
    ),
    Contender(
        name="tutorial", title="tutorial as published (GRU)", build="contenders.tutorial:build"
    ),
    Contender(
        name="tutorial-mended",
        title="tutorial, its batch fault mended (GRU)",
        build="contenders.tutorial:build_mended",
    ),
    Contender(
        name="sb3",
        title="Stable-Baselines3 A2C, numpy game (MLP)",
        build="contenders.sb3:build",
        needs=("stable_baselines3",),
        install="pip install stable-baselines3",
    ),
    Contender(
        name="sb3-gymnasium",
        title="Stable-Baselines3 A2C, Gymnasium games (MLP)",
        build="contenders.sb3:build_gymnasium",
        needs=("stable_baselines3",),
        install="pip install stable-baselines3",
    ),
    Contender(
        name="recurrent-ppo",
        title="sb3-contrib RecurrentPPO, numpy game (LSTM)",
        build="contenders.sb3:build_recurrent",
        needs=("sb3_contrib",),
        install="pip install sb3-contrib",
    ),
    Contender(
        name="torchrl",
        title="TorchRL A2C, numpy game (GRU)",
        build="contenders.in_torchrl:build",
        needs=("torchrl",),
        install="pip install torchrl",
    ),
    Contender(
        name="pufferlib",
        title="PufferLib (LSTM)",
        build="",
        absent="3.0 has no wheel, fetches sources from elsewhere when it is built, and asks for "
        "numpy < 2 and gymnasium <= 0.29.1, which the others no longer run with",
    ),
)
