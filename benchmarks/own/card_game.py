"""Draw cards until it is wise to stop: the next card is hidden, the sum so far is seen."""

import random

import inwit


@inwit.tool
def hit(game: tuple) -> tuple:
    limit, total, deck = game
    return (limit, total + deck[0], deck[1:])


@inwit.tool
def stand(game: tuple) -> float:
    return game[1]


def see(game):
    return (game[0], game[1]) if isinstance(game, tuple) else (0, game)


@inwit.task(tools=[hit, stand], sees=see)
def card_game(draw: random.Random) -> inwit.Problem:
    deck = tuple(draw.choice([2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 11]) for _ in range(12))
    level = draw.randrange(2)
    limit = 17 if level == 0 else draw.randint(12, 19)
    total, left = 0, deck
    while total < limit:
        total, left = total + left[0], left[1:]
    return inwit.Problem(
        prompt="hit {0} up to 17" if level == 0 else "hit {0} up to the limit that it shows",
        operands=((limit, 0, deck),),
        answer=total,
        level=level,
    )
