/**
 * One phone in somebody's hand.
 *
 * Theory of operation. The simulator owns the truth: sessions, prompts, messages, money. This file keeps only what a
 * handset keeps: the digits typed so far, and whether the last screen has been put away. From both follows the mode:
 *
 *     reply   a session is open: what is typed answers its screen
 *     pin     an M-PESA prompt shows: what is typed is the PIN
 *     ended   the last screen of a session, until OK, End or a new number puts it away
 *     dial    the home screen: what is typed is a number, at first the service code
 *
 * The simulator prefers an open session to a prompt, and so does the mode.
 */

import * as api from "./api.js";
import { Display } from "./display.js";
import { Inbox } from "./inbox.js";
import { keypad, flash } from "./keypad.js";
import { Meter } from "./meter.js";
import { say } from "./speech.js";
import { money } from "./words.js";

const PIN_DIGITS = 4;
const LONGEST_LINE = 80;
const UNPAID = {
  1: "Too little money. Nothing was paid.",
  1032: "Cancelled. Nothing was paid.",
  2001: "Wrong PIN. Nothing was paid.",
};

export class Phone {
  /** `tape` hears of every step that leads to a screen of the menu. */
  constructor(root, tape) {
    this.root = root;
    this.tape = tape;
    this.display = new Display(root);
    this.meter = new Meter(root);
    this.inbox = new Inbox(root, () => this.draw());
    this.quick = root.querySelector(".quick");
    this.keys = root.querySelector(".keypad");
    this.cents = root.querySelector(".cents");
    keypad(this.keys, (key) => this.key(key));
    this.quick.addEventListener("click", () => this.dial(this.code));
    this.display.soft[0].addEventListener("click", () => this.softLeft());
    this.display.soft[1].addEventListener("click", () => this.send());
    for (const field of [this.display.typed, this.display.pin]) {
      field.addEventListener("input", () => this.edited(field.value));
    }
  }

  /** Another person takes this phone. */
  async hold(person) {
    this.person = person;
    this.state = null;
    this.putAway = null;
    this.asked = 0;
    this.busy = false;
    this.note = "";
    this.inbox.forget();
    await this.refresh();
  }

  get mode() {
    if (this.state?.session && !this.state.over) return "reply";
    if (this.state?.prompt?.state === "showing") return "pin";
    return this.state?.screen && this.putAway !== screenOf(this.state) ? "ended" : "dial";
  }

  get code() {
    return this.state?.service_code || "*384*123#";
  }

  async refresh() {
    const asked = ++this.asked;
    try {
      const state = await api.state(this.person.phone);
      if (asked === this.asked) this.receive(state);
    } catch (trouble) {
      this.tell(trouble.message);
    }
  }

  receive(state) {
    const before = this.state;
    const mode = before && this.mode;
    this.state = state;
    // What stood on the phone before the page opened is history; a guest begins at the home screen.
    if (!before && state.over) this.putAway = screenOf(state);
    if (this.mode !== mode || state.session !== before?.session) this.startLine();
    this.clockAhead = new Date(state.now) - Date.now();
    this.meter.show(state);
    this.cents.textContent = money(state.balance_cents);
    const fresh = this.inbox.show(state.inbox, this.now());
    if (before) this.announce(before, fresh);
    this.draw();
  }

  announce(before, fresh) {
    const { state } = this;
    if (state.screen && screenOf(state) !== screenOf(before)) {
      this.note = state.error ? `The gateway failed: ${state.error}.` : "";
      this.say(`${state.screen}${state.over ? " The session is over." : ""}`);
    } else if (state.over && !before.over && state.kind === "CON") {
      this.note = "The session is over.";
      this.say(this.note);
    }
    if (state.prompt?.state === "showing" && before.prompt?.state !== "showing") {
      this.say(`M-PESA asks: ${state.prompt.text} The simulated M-PESA PIN is 1234.`);
      this.buzz();
    }
    for (const sms of fresh) {
      this.note = `New message from ${sms.from}`;
      this.say(`Message from ${sms.from}: ${sms.text}`);
    }
    if (fresh.length) this.buzz();
  }

  say(sentence) {
    say(`${this.person.name}: ${sentence}`);
  }

  tell(note) {
    this.note = note;
    this.say(note);
    this.draw();
  }

  buzz() {
    this.root.classList.remove("buzzing");
    void this.root.offsetWidth;
    this.root.classList.add("buzzing");
  }

  /** The simulated time. */
  now() {
    return new Date(Date.now() + (this.clockAhead || 0));
  }

  tick() {
    this.meter.tick();
    this.display.tick(this.state && this.now());
  }

  startLine() {
    this.line = this.mode === "dial" ? this.code : "";
    this.untouched = true;
  }

  key(key) {
    if (key === "call") this.send();
    else if (key === "end") this.end();
    else if (key === "clear") this.clear();
    else this.type(key);
  }

  /** A key of the computer's keyboard that is a key of the phone too. */
  keyboard(key) {
    flash(this.keys, key);
    this.key(key);
  }

  type(character) {
    if (this.mode === "ended") this.putDown();
    if (this.mode === "pin" && !/^\d$/.test(character)) return;
    const start = this.mode === "dial" && this.untouched ? "" : this.line;
    this.edited((start + character).slice(0, this.mode === "pin" ? PIN_DIGITS : LONGEST_LINE));
  }

  edited(line) {
    this.line = this.mode === "pin" ? line.replace(/\D/g, "") : line;
    this.untouched = false;
    this.note = "";
    this.draw();
  }

  clear() {
    if (this.mode === "ended") this.putDown();
    else this.edited(this.untouched ? "" : this.line.slice(0, -1));
  }

  /** The green key: sends what is typed, wherever it goes. */
  async send() {
    if (this.mode === "ended") return this.dial(this.code);
    if (this.mode === "dial") return this.dial(this.line || this.code);
    if (this.mode === "pin") return this.pay(this.line);
    if (!this.line) return this.tell("Type an answer first.");
    const keys = this.line;
    return this.turn(() => this.kept(keys, api.press(this.person.phone, keys)));
  }

  /** The red key: ends the session, cancels the prompt, puts the screen away. */
  async end() {
    if (this.busy || this.mode === "reply") return this.hangUp();
    if (this.mode === "pin") return this.pay("0");
    this.putDown();
    return null;
  }

  /** Also while an answer is under way: nobody has to wait for a slow gateway. */
  hangUp() {
    return api.hangUp(this.person.phone).then(
      () => this.refresh(),
      (trouble) => this.tell(trouble.message),
    );
  }

  softLeft() {
    if (this.mode !== "dial") return this.end();
    this.root.querySelector(".inbox").scrollIntoView({ behavior: "smooth", block: "nearest" });
    return this.inbox.readAll();
  }

  putDown() {
    this.putAway = screenOf(this.state);
    this.note = "";
    this.startLine();
    this.draw();
  }

  dial(number) {
    return this.turn(() => this.kept(number, api.dial(this.person.phone, number)));
  }

  async kept(does, coming) {
    const answer = await coming;
    this.tape.keep(this.person.phone, does, answer);
    return answer;
  }

  async pay(pin) {
    if (pin !== "0" && pin.length < PIN_DIGITS) return this.tell("Type the 4 digits of the M-PESA PIN.");
    return this.turn(async () => {
      const { screen, prompt } = await api.press(this.person.phone, pin);
      this.outcome = prompt.code === 0 ? screen : UNPAID[prompt.code] || screen;
      return null;
    });
  }

  /** One trip to the gateway and back. A second press on the way is no second trip. */
  async turn(trip) {
    if (this.busy) return;
    this.busy = true;
    this.note = "";
    this.draw();
    try {
      const answer = await trip();
      this.line = "";
      await this.refresh();
      // A number that no service has is answered by the network alone, and not kept.
      if (answer && answer.session === null) this.misdialled(answer);
      if (this.outcome) this.tell(this.outcome);
    } catch (trouble) {
      this.tell(trouble.message);
    } finally {
      this.outcome = "";
      this.busy = false;
      this.draw();
    }
  }

  misdialled({ screen }) {
    this.startLine();
    this.tell(screen);
  }

  draw() {
    if (!this.state) return;
    const { mode, state, line, note, busy } = this;
    this.quick.textContent = `Dial ${this.code}`;
    this.quick.disabled = mode === "reply" || mode === "pin";
    this.display.greet(this.person, this.inbox.unread.size);
    const { screen: text, prompt } = state;
    const waiting = prompt?.state === "waiting";
    this.display.draw({ mode, text, lang: this.person.language, busy, line, note, prompt, waiting });
    this.display.tick(this.now());
  }
}

/** Which screen it is: the same words on the next hop are another screen. */
function screenOf(state) {
  return `${state.session}/${state.hops_ms.length}`;
}
