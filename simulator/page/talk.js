/**
 * Talks: what was dialled and pressed on these phones, with every screen, as a text that tests hold again.
 *
 * The tape runs from the start, or from when it was last saved. A talk is played on the phones that it names, in order,
 * key by key; what comes otherwise than the file says is told by its line. `...` inside a line stands for anything.
 */

import * as api from "./api.js";

const REPEAT = "! repeat";
const OTHER = /^! phone (\+\d+)$/;

export class Tape {
  constructor() {
    this.steps = [];
  }

  /** One thing done on one phone, and the screen that came. */
  keep(phone, does, { screen, kind }) {
    if (kind) this.steps.push({ phone, does: `> ${does}`, screen: `${kind} ${screen}` });
  }

  /** The talk so far; the tape is empty afterwards. */
  take() {
    const steps = this.steps.splice(0);
    let holder = steps[0].phone;
    const blocks = [`# Saved from the phone page.\nphone: ${holder}\nnetwork: 63902`];
    for (const { phone, does, screen } of steps) {
      if (phone !== holder) blocks.push(`! phone ${phone}`);
      holder = phone;
      blocks.push(`${does}\n${screen}`);
    }
    return `${blocks.join("\n\n")}\n`;
  }
}

/** The phone that holds a talk, and its steps. Throws an Error with plain words. */
export function parse(text) {
  const [head, ...blocks] = text.split(/^(?=[>!] )/m);
  const named = /^phone: (\+\d+)$/m.exec(head);
  if (!named) throw new Error("That is no talk: no line `phone: +254...` above the first step.");
  const steps = blocks.map((block) => {
    const [does, ...screen] = block.trimEnd().split("\n");
    return { does: does.trimEnd(), screen: screen.join("\n").trim() };
  });
  return { phone: named[1], steps };
}

/** Plays a talk; gives back one line for each screen that came otherwise. */
export async function play({ phone, steps }) {
  const differences = [];
  let holder = phone;
  for (const { does, screen } of steps) {
    const other = OTHER.exec(does);
    if (other) holder = other[1];
    else if (does === REPEAT) await api.repeat(holder);
    else if (does.startsWith("> ")) {
      const came = await step(holder, does.slice(2));
      if (!fits(screen, came)) differences.push(`${does}: ${came}`);
    }
  }
  return differences;
}

async function step(holder, keys) {
  const { screen, kind } = await (keys.endsWith("#") ? api.dial(holder, keys) : api.press(holder, keys));
  return `${kind} ${screen}`;
}

function fits(expected, came) {
  const parts = expected.split("...").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^\\n]*")}$`).test(came);
}
