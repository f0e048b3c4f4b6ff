/** The keys. Each is a button with a name; the arrow keys walk over them, so that the keypad is one stop of Tab. */

const COLUMNS = 3;
const FLASH_MS = 130;
const KEYS = [
  { key: "call", name: "Call or send", face: "", kind: "call" },
  { key: "clear", name: "Clear", face: "C", kind: "clear" },
  { key: "end", name: "End or cancel", face: "", kind: "end" },
  { key: "1", letters: "" },
  { key: "2", letters: "abc" },
  { key: "3", letters: "def" },
  { key: "4", letters: "ghi" },
  { key: "5", letters: "jkl" },
  { key: "6", letters: "mno" },
  { key: "7", letters: "pqrs" },
  { key: "8", letters: "tuv" },
  { key: "9", letters: "wxyz" },
  { key: "*", name: "Star", letters: "" },
  { key: "0", letters: "+" },
  { key: "#", name: "Hash", letters: "" },
];
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS };

function button({ key, name, face = key, kind = "digit", letters }) {
  const made = document.createElement("button");
  made.type = "button";
  made.tabIndex = -1;
  made.dataset.key = key;
  made.className = `key ${kind}`;
  made.setAttribute("aria-label", name || key);
  const sign = document.createElement("b");
  sign.textContent = face;
  made.append(sign);
  if (letters !== undefined) {
    const small = document.createElement("small");
    small.textContent = letters;
    made.append(small);
  }
  return made;
}

/** Fills `box` with keys; `onKey` hears `1` to `9`, `*`, `0`, `#`, `call`, `clear` and `end`. */
export function keypad(box, onKey) {
  const keys = KEYS.map(button);
  box.append(...keys);
  keys[0].tabIndex = 0;
  box.addEventListener("click", (event) => {
    const pressed = event.target.closest("button");
    if (pressed) onKey(pressed.dataset.key);
  });
  box.addEventListener("keydown", (event) => {
    const to = keys[keys.indexOf(event.target) + STEPS[event.key]];
    if (!to) return;
    event.preventDefault();
    keys.forEach((each) => (each.tabIndex = each === to ? 0 : -1));
    to.focus();
  });
}

/** Shows on the phone which key the computer's keyboard has just pressed. */
export function flash(box, key) {
  const pressed = [...box.children].find((each) => each.dataset.key === key);
  pressed?.classList.add("pressed");
  setTimeout(() => pressed?.classList.remove("pressed"), FLASH_MS);
}
