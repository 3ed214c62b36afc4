// What a step waits for before the rollout goes on, one line each.

import { h } from "./dom.js";
import { count, counted, duration, now, percent, share, time } from "./format.js";
import { sign } from "./status.js";

/** What the step waits for; where nothing is judged, by what the next rollout will be. */
export function checks(view) {
  const step = view.summary.steps.find(each => each.place === "Judging" || each.place === "Raising");
  const lines = step ? [...(view.isAtGates ? [] : [weight(step), hold(view, step), requests(view), rate(view)]), ...further(view), pods(view), person(view, step)].filter(Boolean) : [];
  if (lines.length === 0) return rest(view);
  return h("section", { class: "card", key: "checks" },
    h("h2", null, title(view, step), nextLook(view)),
    h("ul", { class: "checks" }, lines));
}

const title = ({ isAtGates }, step) => isAtGates ? "Before any traffic"
  : step.place === "Judging" ? `Before it goes on from ${share(step.weight)}` : `On the way to ${share(step.weight)}`;

const states = { Fine: "good", Waits: "wait", Critical: "bad" };

/** What the Rollout names itself. */
const further = ({ checks: named }) => named.map(check => line(`check ${check.name}`, states[check.state], check.name, check.message));

function rest({ rule, summary }) {
  if (!rule || summary.phase === "Invalid") return null;
  return h("section", { class: "card", key: "checks" },
    h("h2", null, "Error rate"),
    h("p", { class: "quiet" }, `The next version goes on with ${limit(rule)} failed requests at the most; there is a look every ${duration(rule.intervalSeconds)}.`));
}

const limit = rule => rule.threshold ? percent(rule.threshold) : rule.max;

const nextLook = ({ evidence }) => evidence?.nextLook && Date.parse(evidence.nextLook) > now()
  ? h("span", { class: "aside" }, "next look in ", time(evidence.nextLook, "left")) : null;

const tones = { good: "check", wait: "clock", bad: "alert" };

const line = (key, tone, name, value, share = null) => h("li", { key, class: `check ${tone}` },
  sign(tones[tone]),
  h("span", { class: "what" }, name, h("span", { class: "unseen" }, { good: ": done", wait: ": waits", bad: ": fails" }[tone])),
  h("span", { class: "how" }, value),
  share === null ? null : h("span", { class: "meter", "aria-hidden": "true", style: { "--done": `${Math.min(100, 100 * share)}%` } }));

const weight = step => step.place === "Raising" ? line("weight", "wait", "Weight", `${share(step.weight)} is on its way`) : null;

function hold({ holdsUntil }, step) {
  if (step.place !== "Judging" || !holdsUntil) return null;
  const left = (Date.parse(holdsUntil) - now()) / 1000;
  return left > 0
    ? line("hold", "wait", "Hold", ["until ", time(holdsUntil), ", ", time(holdsUntil, "left"), " left"], 1 - left / step.holdSeconds)
    : line("hold", "good", "Hold", `held for ${duration(step.holdSeconds)}`);
}

function requests({ evidence }) {
  if (!evidence || evidence.needed === undefined) return null;
  return evidence.requests >= evidence.needed
    ? line("requests", "good", "Requests", `${count(evidence.requests)} counted, ${count(evidence.needed)} needed`)
    : line("requests", "wait", "Requests", `${count(evidence.requests)} of ${count(evidence.needed)}`, evidence.requests / evidence.needed);
}

function rate({ evidence, rule }) {
  if (!rule || !evidence) return null;
  if (!evidence.sampledAt) return line("rate", "wait", "Error rate", "no look at the metrics yet");
  if (evidence.class !== "Ok") return line("rate", "wait", "Error rate", `not known: ${evidence.message || evidence.class}`);
  const value = evidence.requests === 0 ? 0 : evidence.errors / evidence.requests;
  const text = [h("strong", null, percent(value)), `, at most ${limit(rule)}: ${counted(evidence.errors, "error")} in ${counted(evidence.requests, "request")}`];
  return rule.threshold && value > rule.threshold ? line("rate", "bad", "Error rate", text) : line("rate", "good", "Error rate", text);
}

function pods({ revisions }) {
  const canary = revisions.find(revision => revision.role === "Canary");
  if (!canary) return null;
  return canary.ready >= canary.replicas
    ? line("pods", "good", "New pods", `${count(canary.ready)} of ${count(canary.replicas)} ready`)
    : line("pods", canary.pods.some(pod => pod.trouble && pod.trouble !== "is starting" && !pod.ready) ? "bad" : "wait", "New pods", `${count(canary.ready)} of ${count(canary.replicas)} ready`, canary.ready / canary.replicas);
}

function person({ isApproved, summary, operations }, step) {
  if (summary.isPaused) return line("person", "wait", "Paused", "until a person resumes it");
  if (!step.pause) return null;
  return isApproved ? line("person", "good", "A person", "has let it go on")
    : line("person", "wait", "A person", operations.some(operation => operation.verb === "Promote") ? "has to let it go on: Promote" : "has to let it go on");
}
