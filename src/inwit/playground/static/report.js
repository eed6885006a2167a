// Certificates and audits: asked for, waited for, shown.

import { connect } from "./backend.js";
import { element } from "./element.js";
import { latest } from "./latest.js";

const PAUSE = 1500;
const waiting = latest();
const at = (id) => document.getElementById(id);

function tell(error) {
  at("mistake").textContent = error?.message ?? "";
  at("mistake").hidden = !error;
}

async function make(backend, kind) {
  const run = Number(at("run").value);
  const began = performance.now();
  const wait = async () => {
    const { state } = await waiting(backend.ask(kind, { run }));
    if (state === "done") return;
    const seconds = Math.round((performance.now() - began) / 1000);
    at("state").textContent = `the ${kind} is being made, ${seconds} s`;
    await waiting(new Promise((resolve) => setTimeout(resolve, PAUSE)));
    await wait();
  };
  try {
    tell(null);
    await wait();
    at("state").textContent = "";
    at("page").src = `report/${kind}/${run}`;
    at("page").hidden = false;
  } catch (error) {
    tell(error);
  }
}

try {
  const backend = await connect();
  const runs = await backend.runs();
  at("run").replaceChildren(...runs.map(({ run, name }) => element("option", { value: run }, name)));
  for (const kind of ["certificate", "audit"]) at(kind).addEventListener("click", () => make(backend, kind));
} catch (error) {
  tell(error);
}
