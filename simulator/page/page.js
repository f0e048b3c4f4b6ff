/** Lays three phones on the table and keeps them true to the simulator. */

import * as api from "./api.js";
import { controls } from "./controls.js";
import { follow } from "./feed.js";
import { listen } from "./keyboard.js";
import { distinct, firstThree } from "./people.js";
import { Phone } from "./phone.js";
import { swipe, tabTo } from "./tabs.js";
import { Tape } from "./talk.js";
import { person as described } from "./words.js";

const table = document.querySelector(".table");
const template = document.getElementById("phone-template");
const phones = [];
const tape = new Tape();
let people = [];
let active = null;

const strip = controls(() => active, refreshAll, tape);

function refreshAll() {
  return Promise.all(phones.map((phone) => phone.refresh())).then(() => "");
}

/** The phone that the keyboard and the controls mean from now on. */
function activate(phone) {
  active = phone;
  for (const each of phones) {
    each.root.classList.toggle("active", each === phone);
    each.tab.ariaCurrent = each === phone ? "true" : null;
  }
  strip.name(phone.person.name);
}

async function give(phone, person) {
  const holding = phones.find((each) => each !== phone && each.person === person);
  const before = phone.person;
  await Promise.all([phone.hold(person), holding && before ? holding.hold(before) : null]);
  phones.forEach(label);
  activate(phone);
}

function label(phone) {
  const { name } = phone.person;
  phone.root.setAttribute("aria-label", `Phone of ${name}`);
  phone.root.querySelector(".prompt").setAttribute("aria-label", `M-PESA asks ${name} for the PIN`);
  phone.who.value = phone.person.phone;
  phone.tab.textContent = name;
}

function lay(number) {
  const root = template.content.cloneNode(true).querySelector(".phone");
  root.id = `phone-${number}`;
  const phone = new Phone(root, tape);
  phone.who = root.querySelector(".who");
  phone.who.append(...people.map((person) => new Option(described(person), person.phone)));
  phone.who.addEventListener("change", () => give(phone, people.find(({ phone: own }) => own === phone.who.value)));
  phone.tab = tabTo(root);
  root.addEventListener("focusin", () => activate(phone));
  // A click on a key must leave Enter to the phone, and the keyboard of a touch screen closed.
  root.querySelector(".handset").addEventListener("mousedown", (event) => {
    if (event.target.closest("input, .screen")) return;
    event.preventDefault();
    root.focus({ preventScroll: true });
  });
  table.append(root);
  phones.push(phone);
  return phone;
}

async function start() {
  people = distinct(await api.cast());
  const holders = firstThree(people);
  await Promise.all(holders.map((person, index) => give(lay(index + 1), person)));
  activate(phones[0]);
  listen(() => active);
  swipe(table, phones, activate);
  follow((number) => {
    const changed = phones.filter(({ person }) => number === null || person.phone === number);
    changed.forEach((phone) => phone.refresh());
  });
  setInterval(() => {
    phones.forEach((phone) => phone.tick());
    strip.tick(active.now());
  }, 250);
  table.ariaBusy = "false";
}

start().catch((trouble) => {
  table.textContent = trouble.message;
});
