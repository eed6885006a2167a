"""Buy some pieces of fruit: apples while there are any, then pears."""

import random
from dataclasses import dataclass, replace

import inwit


@dataclass(frozen=True)
class Shop:
    apples: int
    pears: int
    bag: str = ""


@inwit.tool
def apple(shop: Shop) -> Shop:
    if not shop.apples:
        raise ValueError("no apples left")
    return replace(shop, apples=shop.apples - 1, bag=shop.bag + "a")


@inwit.tool
def pear(shop: Shop) -> Shop:
    return replace(shop, pears=shop.pears - 1, bag=shop.bag + "p")


@inwit.task(tools=[apple, pear], sees=lambda shop: (shop.apples, len(shop.bag)))
def shop(draw: random.Random) -> inwit.Problem:
    count, level = draw.randint(1, 5), draw.randrange(2)
    apples = draw.randint(count, 12) if level == 0 else draw.randrange(count)
    start, taken = Shop(apples, draw.randint(10, 99)), min(apples, count)
    bag = "a" * taken + "p" * (count - taken)
    end = Shop(apples - taken, start.pears - count + taken, bag)
    return inwit.Problem(prompt=f"buy {count} at {{0}}", operands=(start,), answer=end, level=level)
