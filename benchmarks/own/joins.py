"""Orders in SQLite, joined with products that are dataclasses: two hops, three, or a total."""

import random
import sqlite3
from dataclasses import make_dataclass

import inwit
from inwit.tools import MUL

Product = make_dataclass("Product", ["price", "maker"], frozen=True)
PRODUCTS = [Product(3 + n * 37 % 101, f"maker{n % 40}") for n in range(80)]
CITY = {f"maker{n}": f"city{n * 7 % 9}" for n in range(40)}
base = sqlite3.connect(":memory:")
base.execute("create table orders (product, count)")
base.executemany("insert into orders values (?, ?)", [(n * 7 % 80, 1 + n % 9) for n in range(900)])


def order(number: int, column: str) -> int:
    return base.execute(f"select {column} from orders where rowid = {number}").fetchone()[0]


def product(number: int, field: str) -> object:
    return getattr(PRODUCTS[number], field)


def city(maker: str) -> str:
    return CITY[maker]


@inwit.task(tools=[order, product, city, MUL])
def joins(draw: random.Random) -> inwit.Problem:
    number, level = draw.randint(1, 900), draw.randrange(3)
    item = PRODUCTS[order(number, "product")]
    prompt, answer = [
        ("who is the {3} of the {1} in order {0}", item.maker),
        ("where is the {3} of the {1} in order {0}", city(item.maker)),
        ("{4} times {2} of the {1} in order {0}", item.price * order(number, "count")),
    ][level]
    operands = (number, "product", "count", "maker", "price")
    return inwit.Problem(prompt=prompt, operands=operands, answer=answer, level=level)
