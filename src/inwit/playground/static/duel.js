// Countdown against the agent: a person answers first, then the agent presses.

import { expressionOf, judge, readCountdown, solution, usedIn } from "./countdown.js";
import { element } from "./element.js";

const SIGNS = ["+", "-", "*", "/", "(", ")"];
const at = (id) => document.getElementById(`duel${id}`);

export class Duel {
  problem = null;

  /**
   * @param draw gives the text of a problem that was not shown yet
   * @param hide is called with a problem before a person answers
   * @param play lets the agent press, and gives its episode
   */
  constructor({ draw, hide, play }) {
    Object.assign(this, { draw, hide, play, field: at("-answer") });
    at("-new").addEventListener("click", async () => this.begin(await draw()));
    at("-this").addEventListener("click", () => this.begin(document.getElementById("problem").value));
    at("-pass").addEventListener("click", () => this.#end(false, "You gave up."));
    at("-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#answer();
    });
    this.field.addEventListener("input", () => this.#mark());
  }

  /** Offers the game where the agent plays Countdown. */
  lay(agent) {
    Object.assign(this, { agent, problem: null, rounds: 0, yours: 0, agents: 0 });
    at("").hidden = !agent.countdown;
    at("-board").hidden = true;
    at("-score").textContent = at("-note").textContent = "";
  }

  /** A round: the person's turn. */
  begin(text) {
    this.problem = readCountdown(text);
    if (!this.problem) {
      at("-note").textContent = `'${text}' is not a problem such as 4 7 8 8 -> 24`;
      return;
    }
    this.text = text;
    this.hide(text);
    const tile = (label, name) => {
      const made = element("button", { type: "button", className: name }, String(label));
      made.addEventListener("click", () => this.#insert(label));
      return made;
    };
    this.tiles = this.problem.numbers.map((number) => tile(number, "tile"));
    at("-tiles").replaceChildren(...this.tiles, ...SIGNS.map((sign) => tile(sign, "sign")));
    at("-target").textContent = this.problem.target;
    this.field.value = at("-note").textContent = "";
    this.#turn(true);
    this.field.focus();
    this.#mark();
  }

  #turn(yours) {
    at("-board").hidden = !yours;
  }

  #insert(text) {
    const { selectionStart: start, selectionEnd: end, value } = this.field;
    this.field.setRangeText(/\d$/.test(value.slice(0, start)) && /\d/.test(text) ? ` ${text}` : String(text), start, end, "end");
    this.field.focus();
    this.#mark();
  }

  #mark() {
    const { used } = usedIn(this.field.value, this.problem.numbers);
    this.tiles.forEach((tile, place) => tile.classList.toggle("used", used.has(place)));
  }

  #answer() {
    try {
      const { right, note } = judge(this.field.value, this.problem);
      this.#end(right, note);
    } catch (error) {
      at("-note").textContent = error.message.split("\n")[0];
    }
  }

  async #end(right, note) {
    this.#turn(false);
    at("-note").textContent = `${note} Now the agent.`;
    const made = await this.play(this.text);
    if (!made) return;
    Object.assign(this, { rounds: this.rounds + 1, yours: this.yours + right, agents: this.agents + made.right });
    at("-score").textContent = `you ${this.yours}, agent ${this.agents}, of ${this.rounds}`;
    const verdict = made.right ? "is right" : "is wrong";
    const found = right || made.right ? "" : this.#solution();
    at("-note").textContent = `${note} The agent pressed ${expressionOf(this.agent, made)}, which ${verdict}.${found}`;
    at("-new").focus({ preventScroll: true });
  }

  #solution() {
    const found = solution(this.problem);
    if (found === undefined) return "";
    return found ? ` One right expression: ${found}.` : " No expression of these numbers is equal to the target.";
  }
}
