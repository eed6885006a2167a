// Arithmetic as people write it: read, never evaluated as code; the twin of tasks/infix.py.

const PRECEDENCE = { "+": 1, "-": 1, "*": 2, "/": 2 };
const ALIASES = { "×": "*", "·": "*", "÷": "/", "−": "-", "–": "-" };
const NUMBER = /\d+\.?\d*|\.\d+/y;
const QUESTION = /\s*(=\s*\??|\?)\s*$/;
const MAX_DIGITS = 300;

/** A problem that cannot be read: says what is wrong and points at the character. */
export class InvalidProblem extends Error {
  constructor(message, text = "", position = null) {
    if (position !== null) {
      const start = Math.max(0, position - 30);
      const shown = text.slice(start, position + 30).replace(/\s/g, " ");
      message += `\n  ${shown}\n  ${" ".repeat(position - start)}^`;
    }
    super(message);
  }
}

/** Reads an expression: { symbols, numbers, postfix }, as Python's `infix.read` does. */
export function read(given) {
  const text = given.replace(QUESTION, "");
  const reader = new Reader(text);
  for (const [symbol, position] of split(text)) reader.take(symbol, position);
  return reader.finish();
}

function* split(given) {
  const text = given.replace(/[×·÷−–]/g, (sign) => ALIASES[sign]);
  let position = 0;
  while (position < text.length) {
    const character = text[position];
    NUMBER.lastIndex = position;
    const number = NUMBER.exec(text)?.[0];
    if (/\s/.test(character)) {
      position += 1;
    } else if (number) {
      if (number.length > MAX_DIGITS) {
        const note = `a number of ${number.length} digits: at most ${MAX_DIGITS}`;
        throw new InvalidProblem(note, given, position);
      }
      yield [number, position];
      position += number.length;
    } else if ("+-*/()".includes(character)) {
      yield [character, position];
      position += 1;
    } else {
      const note = `'${character}' cannot be read: a problem is written with numbers, + - * / and ( )`;
      throw new InvalidProblem(note, given, position);
    }
  }
}

/** A shunting yard (Dijkstra) that also keeps what was written. */
class Reader {
  symbols = [];
  numbers = [];
  postfix = [];
  waiting = [];
  added = [];
  sign = null;

  constructor(text) {
    this.text = text;
  }

  take(symbol, position) {
    const last = this.symbols.at(-1);
    const due = last === undefined || "+-*/(".includes(last);
    if (symbol in PRECEDENCE) this.operator(symbol, position, due);
    else if (symbol === ")") this.close(position, due);
    else if (!due) throw this.mistake("an operator is missing before this", position);
    else if (symbol === "(") this.open(position);
    else this.number(symbol);
  }

  finish() {
    if (!this.symbols.length && this.sign === null) {
      throw new InvalidProblem("the problem is empty: type one such as 3*7+2-4*5");
    }
    if (this.sign !== null || "+-*/(".includes(this.symbols.at(-1))) {
      throw this.mistake("the expression ends before a number", this.text.length);
    }
    while (this.waiting.length) {
      const [operator, position] = this.waiting.pop();
      if (operator === "(") throw this.mistake("this parenthesis is never closed", position);
      this.postfix.push(operator);
    }
    const { symbols, numbers, postfix } = this;
    return { symbols, numbers, postfix };
  }

  operator(symbol, position, due) {
    if (due) {
      if (!"+-".includes(symbol) || this.sign !== null) {
        throw this.mistake("a number is missing before this", position);
      }
      this.sign = position;
      return;
    }
    while (this.waiting.length && (PRECEDENCE[this.waiting.at(-1)[0]] ?? 0) >= PRECEDENCE[symbol]) {
      this.postfix.push(this.waiting.pop()[0]);
    }
    this.waiting.push([symbol, position]);
    this.symbols.push(symbol);
  }

  takeSign() {
    const minus = this.sign !== null && this.text[this.sign] !== "+";
    this.sign = null;
    return minus;
  }

  number(symbol) {
    this.postfix.push(this.numbers.length);
    this.numbers.push(this.takeSign() ? `-${symbol}` : symbol);
    this.symbols.push("n");
  }

  open(position) {
    const minus = this.takeSign();
    if (minus) {
      this.open(position);
      this.number("0");
      this.operator("-", position, false);
    }
    this.waiting.push(["(", position]);
    this.symbols.push("(");
    this.added.push(minus);
  }

  close(position, due) {
    if (due || this.sign !== null) throw this.mistake("a number is missing before this", position);
    while (this.waiting.length && this.waiting.at(-1)[0] !== "(") {
      this.postfix.push(this.waiting.pop()[0]);
    }
    if (!this.waiting.length) throw this.mistake("this parenthesis was never opened", position);
    this.waiting.pop();
    this.symbols.push(")");
    if (this.added.pop()) this.close(position, false);
  }

  mistake(message, position) {
    return new InvalidProblem(message, this.text, position);
  }
}

/** The operators of an expression as a nested order that does not depend on the numbers. */
export function plan(expression) {
  return expression.postfix.join(" ");
}
