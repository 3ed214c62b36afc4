// One Rollout: where it is, what it waits for, what carries the traffic, and what happened.

import { h } from "./dom.js";
import { count, counted, duration, now, percent, sentence, share, shortImage, time, version } from "./format.js";
import { badge, sign, stateOf } from "./status.js";
import { checks } from "./checks.js";

const verbs = {
  Promote: { label: "Promote", title: "Let this step go on", style: "primary" },
  Skip: { label: "Skip step", title: "Go on from this step without its judgement" },
  PromoteFull: { label: "To 100 %", title: "Give the new version all the traffic without further steps and judgement", style: "danger" },
  Abort: { label: "Abort", title: "Send all traffic back to the stable version", style: "danger" },
  Retry: { label: "Retry", title: "Try the version that failed again" },
  Pause: { label: "Pause", title: "Freeze progress; the version still goes back when it fails" },
  Resume: { label: "Resume", title: "Let it go on", style: "primary" },
};

/** The page of a Rollout. */
export function detail(view, canAct) {
  const { summary } = view;
  return h("article", { class: `detail ${stateOf(summary).tone}`, key: `detail ${summary.namespace}/${summary.name}` },
    h("header", { class: "head" },
      h("a", { class: "up", href: "#/" }, "← All Rollouts"),
      h("div", { class: "title" },
        h("h1", { tabindex: "-1" }, h("span", { class: "namespace" }, `${summary.namespace}/`), summary.name),
        badge(summary),
        summary.since ? h("span", { class: "quiet" }, "for ", time(summary.since, "for")) : null),
      canAct ? h("div", { class: "buttons operations", role: "group", "aria-label": "Operations" }, view.operations.map(operation => button(operation))) : null,
      h("p", { class: "headline" }, summary.message ? sentence(summary.message) : "The controller has not looked at it yet."),
      summary.isOutdated && summary.since ? h("p", { class: "quiet" }, "The spec was changed since; the controller looks at it next.") : null),
    h("div", { class: "columns" },
      h("div", { class: "column" }, rollback(view), steps(view), split(view), checks(view), chart()),
      h("div", { class: "column" }, pods(view), history(view), conditions(view))));
}

function button({ verb, revision }) {
  const { label, title, style } = verbs[verb];
  return h("button", { key: verb, type: "button", class: style, title, "data-verb": verb, "data-revision": revision ?? "" }, label);
}

function rollback({ summary, lastRollback: last }) {
  if (!last || !["RolledBack", "RollingBack"].includes(summary.phase)) return null;
  return h("section", { class: "card failure", key: "rollback" },
    h("h2", null, sign("back"), "Why it was rolled back"),
    h("dl", { class: "facts" },
      fact("Check", { errorRate: "Error rate", pods: "Pods", operation: "A person" }[last.check] ?? last.check),
      fact("Found", last.value), fact(last.check === "errorRate" ? "At most" : "Limit", last.threshold ?? null),
      last.requests === undefined ? null : fact("Judged", `${count(last.errors ?? 0)} of ${counted(last.requests, "request")} failed`),
      fact("Revision", h("code", null, last.revision)), fact("Decided", time(last.time))),
    summary.message.includes(last.message) ? null : h("p", null, sentence(last.message, Date.parse(last.time))));
}

const fact = (name, value) => value ? h("div", null, h("dt", null, name), h("dd", null, value)) : null;

const places = {
  Passed: { word: "passed", sign: "check" },
  Judging: { word: "judged now", sign: "dot" },
  Raising: { word: "on the way", sign: "rise" },
  Ahead: { word: "to come", sign: null },
  Failed: { word: "failed", sign: "cross" },
};

function steps({ summary, holdsUntil, history }) {
  const failed = ["RollingBack", "RolledBack"].includes(summary.phase) ? history.find(entry => entry.kind === "RollingBack")?.weight ?? 0 : 0;
  const placeOf = step => step.weight === failed ? "Failed" : step.weight < failed ? "Passed" : step.place;
  return h("section", { class: "card", key: "steps" },
    h("h2", null, "Steps"),
    h("ol", { class: "steps" }, summary.steps.map(step => {
      const place = places[placeOf(step)];
      const isCurrent = step.place === "Judging" || step.place === "Raising";
      return h("li", { class: placeOf(step).toLowerCase(), "aria-current": isCurrent ? "step" : null },
        h("span", { class: "knob" }, place.sign ? sign(place.sign) : null),
        h("strong", null, share(step.weight)),
        h("span", { class: "unseen" }, `, ${place.word}`),
        h("span", { class: "hold" },
          step.place === "Judging" && holdsUntil && Date.parse(holdsUntil) > now() ? [time(holdsUntil, "left"), " left"] : duration(step.holdSeconds),
          step.pause ? [" ", h("span", { title: "A person has to let it go on from here" }, "+ person")] : null));
    })));
}

function split({ summary, traffic, revisions }) {
  const { stable, canary, weight } = summary;
  if (!stable && !canary) return null;
  const shares = stable && canary ? [["stable", stable, 100 - weight], ["canary", canary, weight]] : [stable ? ["stable", stable, 100] : ["canary", canary, weight]];
  const by = traffic ? `by ${traffic.routes.join(", ")}, Service ${traffic.service}` : "by pod counts";
  return h("section", { class: "card", key: "split" },
    h("h2", null, "Traffic", h("span", { class: "aside" }, by)),
    h("div", { class: "split", "aria-hidden": "true" }, shares.map(([role, , share]) => h("i", { class: role, style: { "--share": share } }))),
    h("dl", { class: "shares" }, shares.map(([role, revision, share]) => h("div", { class: role },
      h("dt", null, role === "stable" ? "Stable" : "New"),
      h("dd", null, h("strong", null, `${share} %`), version(revision), h("code", null, revision.revision), ready(revisions, revision.revision))))));
}

function ready(revisions, name) {
  const revision = revisions.find(each => each.revision === name);
  return revision ? h("span", { class: "quiet" }, `${count(revision.ready)} of ${counted(revision.replicas, "pod")} ready`) : null;
}

const chart = () => h("section", { class: "card", key: "chart" }, h("h2", null, "Over time"), h("div", { id: "chart", class: "chartplace", "data-own": true }));

const roles = { Stable: "Stable", Canary: "New", Failed: "Failed", Former: "Former" };

function pods({ revisions }) {
  return h("section", { class: "card", key: "pods" },
    h("h2", null, "Pods"),
    revisions.length === 0 ? h("p", { class: "quiet" }, "There are none.") : null,
    revisions.map(revision => h("section", { class: `revision ${revision.role.toLowerCase()}`, key: revision.revision },
      h("h3", null,
        h("span", { class: "role" }, roles[revision.role]),
        h("span", { class: "version", title: revision.images.join("\n") }, revision.images.map(shortImage).join(", ") || revision.revision),
        h("code", null, revision.revision),
        h("span", { class: "ready" }, revision.replicas === 0 && revision.pods.length === 0 ? "no pods" : `${count(revision.ready)} of ${count(revision.replicas)} ready`)),
      revision.pods.length === 0 ? null : h("ul", { class: "pods" }, revision.pods.map(pod => podOf(pod, revision.revision))),
      revision.morePods > 0 ? h("p", { class: "quiet" }, `and ${count(revision.morePods)} more`) : null)));
}

function podOf(pod, revision) {
  const short = pod.name.slice(pod.name.indexOf(revision) + revision.length + 1) || pod.name;
  const tone = pod.ready ? "good" : pod.phase === "Terminating" ? "idle" : pod.trouble && pod.trouble !== "is starting" ? "bad" : "wait";
  const about = pod.ready ? null : pod.phase === "Terminating" ? "is going" : pod.trouble || pod.phase;
  return h("li", { key: pod.name, class: `pod ${tone}`, title: `${pod.name}\n${pod.phase}, ${counted(pod.restarts, "restart")}, made ${time(pod.createdAt, "ago").textContent}` },
    sign(pod.ready ? "check" : tone === "bad" ? "alert" : "clock"),
    h("code", null, short),
    h("span", { class: about ? "about" : "unseen" }, about ?? "ready"),
    pod.restarts > 0 ? h("span", { class: "restarts" }, counted(pod.restarts, "restart")) : null);
}

const kinds = {
  Deployed: ["good", "check"], Started: ["busy", "rise"], WeightSet: ["busy", "dot"], Passed: ["good", "check"], Waiting: ["wait", "clock"], Paused: ["wait", "pause"],
  Resumed: ["busy", "play"], Promoted: ["good", "check"], RollingBack: ["bad", "back"], RolledBack: ["good", "check"], Operation: ["idle", "person"], Invalid: ["bad", "alert"],
};

function history({ history: entries }) {
  return h("section", { class: "card", key: "history" },
    h("h2", null, "History"),
    entries.length === 0 ? h("p", { class: "quiet" }, "Nothing has happened since this controller began to watch.") : null,
    h("ol", { class: "history" }, entries.map(entry => {
      const [tone, shape] = kinds[entry.kind] ?? ["idle", "dot"];
      return h("li", { class: tone, key: `${entry.time} ${entry.kind} ${entry.text}` }, time(entry.time), sign(shape), h("span", null, sentence(entry.text, Date.parse(entry.time))));
    })));
}

function conditions({ conditions: all, operation }) {
  return h("section", { class: "card", key: "conditions" },
    h("details", null,
      h("summary", null, h("h2", null, "Conditions")),
      h("table", null,
        h("thead", null, h("tr", null, ["Condition", "Status", "Reason", "Since"].map(name => h("th", { scope: "col" }, name)))),
        h("tbody", null, all.map(condition => h("tr", { key: condition.type },
          h("th", { scope: "row" }, condition.type), h("td", null, condition.status), h("td", null, condition.reason), h("td", null, time(condition.lastTransitionTime, "ago")))))),
      operation ? h("p", { class: "quiet" }, `Last operation: ${operation.verb} of `, h("code", null, operation.revision), `, ${operation.outcome.toLowerCase()} `, time(operation.time, "ago"), operation.outcome === "Refused" ? `: ${operation.message}` : null) : null));
}
