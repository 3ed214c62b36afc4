// Numbers and times for people. Times are local, with UTC beside; the clock is the controller's, whatever the device's says.

import { h } from "./dom.js";

const whole = new Intl.NumberFormat("en");
const clockTime = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const shortDate = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = 24 * 60 * 60 * 1000;

let skew = 0;

/** Sets the clock by the controller's. */
export const setClock = now => { skew = Date.parse(now) - Date.now(); };

/** The controller's time, in milliseconds. */
export const now = () => Date.now() + skew;

export const count = number => whole.format(number);

export const counted = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/** A fraction in percent. Two decimals say enough, except where they would say 0 of what is not 0. */
export const percent = fraction => `${Number((fraction * 100).toFixed(fraction > 0 && fraction < 0.0001 ? 4 : 2))} %`;

/** Seconds, such as 45 s, 1:05 or 2 h 05 min. */
export function duration(seconds) {
  const left = Math.max(0, Math.round(seconds));
  if (left < 60) return `${left} s`;
  if (left < 3600) return `${Math.floor(left / 60)} min${left % 60 ? ` ${left % 60} s` : ""}`;
  if (left < 48 * 3600) return `${Math.floor(left / 3600)} h${left % 3600 >= 60 ? ` ${Math.floor(left % 3600 / 60)} min` : ""}`;
  return `${Math.floor(left / 86400)} days`;
}

/** How long ago, in one unit. */
function ago(seconds) {
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86400);
  return `${days} day${days === 1 ? "" : "s"} ago`;
}

const utc = moment => `${new Date(moment).toISOString().replace("T", " ").replace(/\.\d+Z$/, "")} UTC`;

const atClock = moment => Math.abs(now() - moment) < day / 2 ? clockTime.format(moment) : shortDate.format(moment);

const texts = {
  at: moment => atClock(moment),
  ago: moment => ago((now() - moment) / 1000),
  left: moment => duration((moment - now()) / 1000),
};

/** A moment: "at" shows the time, "ago" and "left" how far it is away, and go on counting. */
export function time(moment, kind = "at") {
  const value = typeof moment === "number" ? moment : Date.parse(moment);
  return h("time", { datetime: new Date(value).toISOString(), "data-time": kind, title: kind === "at" ? utc(value) : `${shortDate.format(value)}, ${utc(value)}` }, texts[kind](value));
}

/** Lets the times that are shown go on. */
export function tick() {
  for (const element of document.querySelectorAll("time[data-time]")) {
    const text = texts[element.dataset.time](Date.parse(element.dateTime));
    if (element.textContent !== text) element.textContent = text;
  }
}

/** The controller's sentence. It writes times of the day in UTC; here they are local. */
export function sentence(text, about = now()) {
  return text.split(/\b(\d\d:\d\d:\d\d)\b/).map((part, index) => index % 2 === 0 ? part : time(nearest(part, about)));
}

/** The moment with this time of the day in UTC that is nearest to another. */
function nearest(text, about) {
  const [hours, minutes, seconds] = text.split(":").map(Number);
  const moment = new Date(about);
  moment.setUTCHours(hours, minutes, seconds, 0);
  const distance = moment.getTime() - about;
  return moment.getTime() - (distance > day / 2 ? day : distance < -day / 2 ? -day : 0);
}

/** An image without the registry and folders before its name. */
export const shortImage = image => image.slice(image.lastIndexOf("/") + 1).replace(/@sha256:([0-9a-f]{8})[0-9a-f]*$/, "@$1");

/** What a revision runs, or its hash where nobody knows. */
export function version(revision) {
  if (!revision) return null;
  const images = revision.images ?? [];
  return h("span", { class: "version", title: [`revision ${revision.revision}`, ...images].join("\n") },
    images.length > 0 ? shortImage(images[0]) : revision.revision, images.length > 1 ? ` +${images.length - 1}` : null);
}
