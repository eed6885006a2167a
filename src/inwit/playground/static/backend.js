// Who answers: the server of `inwit play`, or, in an export, this browser itself.

import { episode } from "./episode.js";
import { tensors } from "./network.js";
import { networkOf } from "./policies.js";

/** A server on this machine. */
class Served {
  runs() {
    return this.ask("runs");
  }

  agent(choice) {
    return this.ask("agent", choice);
  }

  episode(choice, problem, changes = {}) {
    return this.ask("episode", { ...choice, problem, ...changes });
  }

  /** A drawn problem of the agent's task, by its number. */
  problem(choice, drawn) {
    return this.ask("problem", { ...choice, drawn });
  }

  async ask(what, body = {}) {
    const response = await fetch(`api/${what}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    return answer;
  }
}

/** No server: the weights are read once, and the presses are made here. */
class Alone {
  async load(path) {
    this.description = await (await fetch(path)).json();
    const weights = tensors(await (await fetch("weights.safetensors")).arrayBuffer());
    this.network = networkOf(weights, this.description);
    return this;
  }

  runs() {
    return [{ run: 0, name: this.description.task, snapshots: [] }];
  }

  agent() {
    return this.description;
  }

  async problem(_, number) {
    const { more } = this.description;
    return { problem: more[number % more.length], drawn: number };
  }

  async episode(_, problem, changes) {
    return episode(this.description, this.network, problem, changes);
  }
}

export function connect() {
  const alone = document.documentElement.dataset.agent;
  return alone ? new Alone().load(alone) : Promise.resolve(new Served());
}
