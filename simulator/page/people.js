/** Who holds the phones: the cast of the demo, or three people when the simulator runs without one. */

const NOBODY_TOLD = [
  { name: "Wanjiku", phone: "+254700000005", role: "member", language: "en" },
  { name: "Baraka", phone: "+254700000002", role: "treasurer", language: "en" },
  { name: "Daudi", phone: "+254700000099", role: "stranger", language: "" },
];
// Kiswahili and English side by side, and somebody whom nobody knows.
const WISHED = [
  { name: "Wanjiku", role: "member" },
  { name: "Njeri", role: "treasurer" },
  { name: "Daudi", role: "stranger" },
];

/** One person per number: somebody in two chamas stands in the cast twice. */
export function distinct(cast) {
  const people = new Map();
  for (const person of cast.length ? cast : NOBODY_TOLD) {
    if (!people.has(person.phone)) people.set(person.phone, person);
  }
  return [...people.values()];
}

/** The three to begin with: by name, else by role, else whoever comes next. */
export function firstThree(people) {
  const chosen = [];
  const free = (test) => people.find((person) => !chosen.includes(person) && test(person));
  for (const { name, role } of WISHED) {
    const next = free((person) => person.name === name) || free((person) => person.role === role) || free(() => true);
    if (next) chosen.push(next);
  }
  return chosen;
}
