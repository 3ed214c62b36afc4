// What people can do: operations on a Rollout, and whatever else the host offers. Every answer is shown, good or bad.

import { h, show } from "./dom.js";
import { ask, authorization, forget, isKnown } from "./token.js";

const header = "X-Rollout-Page";
const shown = 8000;

let hide = 0;

/** The buttons of what can be done beside the operations on a Rollout. */
export const toolbar = actions => actions.length === 0 ? null : h("div", { class: "toolbar", key: "toolbar", role: "group", "aria-label": "Actions" },
  actions.map(action => h("button", { key: action.id, type: "button", class: action.isDangerous ? "danger" : null, title: action.description, "data-action": action.id }, action.label)));

const questions = {
  Promote: rollout => ({ title: "Promote the new version?", text: `${rollout.name} goes on from ${rollout.weight} % of the traffic.`, yes: "Promote" }),
  Skip: rollout => ({ title: "Skip this step?", text: `${rollout.name} goes on from ${rollout.weight} % without waiting for its judgement. What breaches still takes it back.`, yes: "Skip" }),
  PromoteFull: rollout => ({ title: "Give it all the traffic?", text: `The new version of ${rollout.name} gets 100 % without further steps, and nothing but its pods is looked at any more.`, yes: "Give it all", isDangerous: true }),
  Abort: rollout => ({ title: "Abort this rollout?", text: `All traffic of ${rollout.name} goes back to the stable version. The new version is not tried again by itself.`, yes: "Abort", isDangerous: true }),
};

/** Carries out what a button stands for, for whoever has pasted a token where one is asked for. */
export async function press(button, rollout, asksForToken) {
  const { action, verb, revision } = button.dataset;
  if (asksForToken && !isKnown() && !await ask()) return;
  if (verb && questions[verb] && !await confirmed(questions[verb](rollout))) return;
  button.disabled = true;
  try {
    await (action
      ? send(`/api/v1/actions/${encodeURIComponent(action)}`, {})
      : send(`/api/v1/rollouts/${encodeURIComponent(rollout.namespace)}/${encodeURIComponent(rollout.name)}/operations`, { verb, revision }));
  } finally {
    button.disabled = false;
  }
}

async function send(address, body) {
  try {
    const answer = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json", [header]: "1", ...authorization() }, credentials: "omit", body: JSON.stringify(body) });
    const { message } = await answer.json().catch(() => ({ message: `The answer was ${answer.status}.` }));
    if (answer.status === 401) forget();
    tell(message, !answer.ok);
  } catch {
    tell("The controller does not answer. Nothing is known of what became of it; look again when the connection is back.", true);
  }
}

/** Shows what came of it for a while; what went wrong, until it is closed. */
function tell(message, isFailure) {
  const place = document.getElementById("outcome");
  clearTimeout(hide);
  show(place, h("p", { key: `${Date.now()}`, class: isFailure ? "bad" : "good", role: isFailure ? "alert" : null }, message, h("button", { type: "button", "data-close": true, "aria-label": "Close" }, "✕")));
  if (!isFailure) hide = setTimeout(close, shown);
}

/** Hides what is shown; tells whether there was anything. */
export function close() {
  const place = document.getElementById("outcome");
  const had = place.childNodes.length > 0;
  show(place);
  return had;
}

function confirmed({ title, text, yes, isDangerous = false }) {
  const dialog = document.getElementById("question");
  document.getElementById("question-title").textContent = title;
  document.getElementById("question-text").textContent = text;
  document.getElementById("question-yes").textContent = yes;
  document.getElementById("question-yes").className = isDangerous ? "primary danger" : "primary";
  dialog.returnValue = "no";
  dialog.showModal();
  document.getElementById("question-yes").focus();
  return new Promise(resolve => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}
