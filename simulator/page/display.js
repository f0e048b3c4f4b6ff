/** What the display of one phone shows. It draws what it is told and decides nothing. */

import { clock, date, number } from "./words.js";

const LINE_LABELS = { dial: "Number", reply: "Reply" };
const SOFT_KEYS = {
  dial: ["Messages", "Call"],
  ended: ["OK", "Call"],
  reply: ["Cancel", "Send"],
  pin: ["Cancel", "Pay"],
};

export class Display {
  constructor(root) {
    const find = (selector) => root.querySelector(selector);
    this.box = find(".display");
    this.screen = find(".screen");
    this.note = find(".note");
    this.home = find(".home");
    this.hour = find(".hour");
    this.day = find(".day");
    this.hello = find(".hello");
    this.own = find(".own");
    this.time = find(".time");
    this.mail = find(".mail");
    this.line = find(".line");
    this.lineLabel = find(".line-label");
    this.typed = find(".typed");
    this.prompt = find(".prompt");
    this.promptText = find(".prompt-text");
    this.promptLeft = find(".prompt-left");
    this.pin = find(".pin-typed");
    this.soft = [find(".soft-left"), find(".soft-right")];
    this.promptEndsAt = 0;
  }

  /** `mode` is dial, ended, reply or pin; `text` the screen, `line` what is typed, `note` a word of the phone's own. */
  draw({ mode, text, lang, busy, line, note, prompt, waiting }) {
    this.box.dataset.mode = mode;
    this.box.classList.toggle("busy", busy);
    this.home.hidden = mode !== "dial" || busy;
    this.screen.hidden = mode === "dial" && !busy;
    write(this.screen, busy && mode !== "reply" ? "USSD code running …" : text);
    this.screen.lang = lang || "en";
    write(this.note, note || (waiting ? "M-PESA waits until this session is over." : ""));
    this.note.hidden = !this.note.textContent;
    this.line.hidden = mode === "ended" || mode === "pin" || busy;
    this.lineLabel.textContent = LINE_LABELS[mode] || "";
    if (this.typed.value !== line) this.typed.value = line;
    SOFT_KEYS[mode].forEach((label, side) => write(this.soft[side], label));
    this.drawPrompt(mode === "pin" ? prompt : null, line);
  }

  drawPrompt(prompt, line) {
    this.prompt.hidden = !prompt;
    if (!prompt) return;
    write(this.promptText, prompt.text);
    if (this.pin.value !== line) this.pin.value = line;
    this.promptEndsAt = performance.now() + prompt.seconds_left * 1000;
    this.tick(null);
  }

  /** A second has passed; `now` is the simulated time, null when it is not known yet. */
  tick(now) {
    const left = Math.max(0, Math.round((this.promptEndsAt - performance.now()) / 1000));
    write(this.promptLeft, this.prompt.hidden ? "" : `${left} s`);
    if (!now) return;
    write(this.time, clock(now));
    write(this.hour, clock(now));
    write(this.day, date(now));
  }

  greet({ name, phone }, unread) {
    write(this.own, number(phone));
    const news = unread === 1 ? "1 new message" : `${unread} new messages`;
    write(this.hello, unread ? news : `Hello, ${name}`);
    this.mail.hidden = !unread;
    write(this.mail.querySelector("b"), String(unread));
  }
}

/** Leaves a text that has not changed alone, so that a selection in it stays. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
