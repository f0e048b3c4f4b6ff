/** The strip over the phones: what M-PESA does next, the simulated clock, the last turn once more. */

import * as api from "./api.js";
import { parse, play } from "./talk.js";
import { clock } from "./words.js";

const OUTCOMES = {
  pays: "pays at once",
  wrong_pin: "wrong PIN",
  cancels: "cancels",
  insufficient: "too little money",
  no_answer: "nobody answers",
  pays_late: "pays too late",
  pays_silently: "pays, Safaricom says nothing",
  callback_twice: "pays, told twice",
  callback_early: "pays, told too early",
  answer_lost: "pays, our answer is lost",
  contradicts: "pays, then told it failed",
  wrong_amount: "another amount moves",
  duplicate_id: "ids of the last push again",
  html_200: "a firewall answers",
  spike_arrest: "too many requests",
  token_invalid: "the token dies",
};

/** `phoneOf()` gives the active phone, `onClock()` hears that time or a talk has moved things. Gives back `tick()` and `name()`. */
export function controls(phoneOf, onClock, tape) {
  const root = document.getElementById("controls");
  const find = (selector) => root.querySelector(selector);
  const report = (place, work) => attempt(find(place), work);

  find("#outcome").append(...Object.entries(OUTCOMES).map(([value, words]) => new Option(words, value)));
  find(".outcome").addEventListener("submit", (event) => {
    event.preventDefault();
    const { person } = phoneOf();
    const chosen = find("#outcome");
    const said = `${person.name}: ${chosen.selectedOptions[0].text}.`;
    report(".wished", () => api.wish(person.phone, chosen.value).then(() => said));
  });
  for (const button of root.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => {
      report(".repeated", () => api.advance(Number(button.dataset.advance)).then(onClock));
    });
  }
  find(".repeat").addEventListener("click", () => {
    report(".repeated", () => api.repeat(phoneOf().person.phone).then(sameAnswer));
  });
  find(".save-talk").addEventListener("click", () => report(".talked", () => save(tape)));
  find(".talk-file").addEventListener("change", (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (file) report(".talked", () => replay(file).finally(onClock));
  });
  return {
    tick: (now) => (find(".clock").textContent = clock(now)),
    name: (name) => (find(".active-name").textContent = name),
  };
}

/** The tape as a file, like those in tests/talks. */
async function save(tape) {
  if (!tape.steps.length) return "Nothing was dialled yet.";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([tape.take()], { type: "text/plain" }));
  link.download = "saved.talk";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  return "Saved as saved.talk.";
}

async function replay(file) {
  const talk = parse(await file.text());
  const differences = await play(talk);
  if (!differences.length) return `${file.name}: every screen came as written.`;
  return `${file.name}: ${differences.length} of ${talk.steps.length} came otherwise. First: ${differences[0]}`;
}

function sameAnswer({ ms, error }) {
  return error ? `The gateway failed: ${error}.` : `Sent again, answered in ${ms} ms.`;
}

async function attempt(place, work) {
  try {
    place.textContent = (await work()) || "";
  } catch (trouble) {
    place.textContent = trouble.message;
  }
}
