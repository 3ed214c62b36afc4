// The list of Rollouts, those that need attention first.

import { h } from "./dom.js";
import { count, counted, sentence, time, version } from "./format.js";
import { badge, byAttention, needsAttention, stateOf } from "./status.js";

const mostRows = 300;

const manifest = `apiVersion: rollouts.dev/v1alpha1
kind: Rollout
metadata: {name: shop}
spec:
  workloadRef: {kind: Deployment, name: shop}
  traffic:
    service: shop
    routes: [{kind: HTTPRoute, name: shop}]
  analysis:
    errorRate: {max: 0.5%}`;

/** The address of a Rollout's own page. */
export const addressOf = rollout => `#/${encodeURIComponent(rollout.namespace)}/${encodeURIComponent(rollout.name)}`;

/** The list. */
export function list(rollouts, filter, isReady) {
  if (rollouts.length === 0) return isReady ? empty() : h("section", { class: "state", key: "waiting" }, h("h1", null, "Rollouts"), h("p", null, "They are shown as soon as the controller knows them."));
  const found = rollouts.filter(rollout => matches(rollout, filter)).sort(byAttention);
  return h("section", { key: "list", class: "list" },
    h("div", { class: "listhead" },
      h("h1", { tabindex: "-1" }, "Rollouts"),
      h("p", { class: "tally" }, tally(rollouts)),
      h("label", { class: "filter" }, h("span", { class: "unseen" }, "Filter by name, namespace, state or image"),
        h("input", { id: "filter", type: "search", placeholder: "Filter", autocomplete: "off", spellcheck: "false" }))),
    found.length === 0 ? h("p", { class: "none" }, `None of ${counted(rollouts.length, "Rollout")} matches “${filter}”.`) : null,
    h("ul", { class: "rows" }, found.slice(0, mostRows).map(row)),
    found.length > mostRows ? h("p", { class: "none" }, `${count(found.length - mostRows)} more are not shown; narrow the filter.`) : null);
}

function row(rollout) {
  const state = stateOf(rollout);
  return h("li", { key: `${rollout.namespace}/${rollout.name}` },
    h("a", { class: `row ${state.tone}`, href: addressOf(rollout) },
      badge(rollout),
      h("span", { class: "name" }, h("span", { class: "namespace" }, `${rollout.namespace}/`), h("strong", null, rollout.name)),
      progress(rollout),
      h("span", { class: "versions" }, version(rollout.stable), rollout.canary ? [h("span", { class: "to", "aria-label": "to" }, " → "), version(rollout.canary)] : null),
      h("span", { class: "since" }, rollout.since ? time(rollout.since, "ago") : null),
      h("span", { class: "message" }, rollout.message ? sentence(rollout.message) : "the controller has not looked at it yet")));
}

function progress(rollout) {
  if (!rollout.canary || !rollout.stable) return h("span", { class: "progress rest" }, `${count(rollout.readyReplicas)} of ${counted(rollout.replicas, "pod")} ready`);
  const passed = rollout.steps.filter(step => step.place === "Passed").length;
  return h("span", { class: "progress" },
    h("span", { class: "track", style: { "--weight": `${rollout.weight}%` } }, rollout.steps.map(step => h("i", { style: { "--at": `${step.weight}%` } }))),
    h("span", { class: "weight" }, `${rollout.weight} %`),
    h("span", { class: "unseen" }, ` of the traffic, ${passed} of ${counted(rollout.steps.length, "step")} passed`));
}

function tally(rollouts) {
  const attention = rollouts.filter(needsAttention).length;
  const moving = rollouts.filter(rollout => !needsAttention(rollout) && rollout.phase === "Progressing").length;
  return [
    attention > 0 ? h("strong", { class: "attention" }, `${count(attention)} ${attention === 1 ? "needs" : "need"} attention`) : "None needs attention",
    ` · ${count(moving)} progressing · ${count(rollouts.length - attention - moving)} healthy`,
  ];
}

const matches = (rollout, filter) => filter.toLowerCase().split(/\s+/).every(word => [
  rollout.namespace, rollout.name, `${rollout.namespace}/${rollout.name}`, stateOf(rollout).word, rollout.reason,
  ...rollout.stable?.images ?? [], ...rollout.canary?.images ?? [], rollout.stable?.revision ?? "", rollout.canary?.revision ?? "",
].some(text => text.toLowerCase().includes(word)));

const empty = () => h("section", { class: "state", key: "empty" },
  h("h1", { tabindex: "-1" }, "No Rollouts yet"),
  h("p", null, "This puts a Deployment that runs already into the care of the controller, without restarting a pod:"),
  h("pre", { tabindex: "0" }, `kubectl apply -f - <<'EOF'\n${manifest}\nEOF`),
  h("p", null, "It appears here by itself."));
