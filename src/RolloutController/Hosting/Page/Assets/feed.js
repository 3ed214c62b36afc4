// Follows the controller by server-sent events, and says when the connection is lost. A hidden page follows nothing: browsers keep only a few
// connections to one host, whatever the number of tabs.

const silence = 30_000;
const longest = 15_000;

export class Feed {
  #handlers;
  #address = null;
  #source = null;
  #watchdog = 0;
  #retry = 0;
  #failures = 0;

  /** The handlers: host, rollouts, rollout and ping take messages; connected and lost are told of the connection. */
  constructor(handlers) {
    this.#handlers = handlers;
    document.addEventListener("visibilitychange", () => document.hidden ? this.#disconnect() : this.#connect());
    addEventListener("online", () => this.#connect());
  }

  /** Follows one Rollout, or all. */
  follow(rollout) {
    this.#address = rollout ? `/api/v1/events?${new URLSearchParams(rollout)}` : "/api/v1/events";
    this.#failures = 0;
    this.#connect();
  }

  #connect() {
    this.#disconnect();
    if (!this.#address || document.hidden) return;
    const source = this.#source = new EventSource(this.#address);
    for (const name of ["host", "rollouts", "rollout", "ping"]) {
      source.addEventListener(name, event => {
        if (source !== this.#source) return;
        this.#failures = 0;
        this.#watch();
        this.#handlers.connected();
        this.#handlers[name](JSON.parse(event.data));
      });
    }
    source.onerror = () => { if (source === this.#source) this.#lose(); };
    this.#watch();
  }

  #disconnect() {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#watchdog);
    clearTimeout(this.#retry);
  }

  // A connection can die without a word: the controller gives signs of life.
  #watch() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#lose(), silence);
  }

  #lose() {
    this.#disconnect();
    this.#handlers.lost();
    this.#retry = setTimeout(() => this.#connect(), Math.min(longest, 1000 * 2 ** this.#failures++));
  }
}
