/** The computer's keyboard types into one phone: the one that has the focus, or had it last. */

const COMMANDS = { Enter: "call", Escape: "end", Backspace: "clear" };
const OWN_KEYS = "select, summary, a, .controls *";

/** `phoneOf()` gives the active phone. */
export function listen(phoneOf) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(OWN_KEYS)) return;
    const key = COMMANDS[event.key] || character(event.key);
    if (!key || keepsItself(event)) return;
    event.preventDefault();
    // A key held down repeats: more digits are wanted then, but never a second call or payment.
    if (event.repeat && key !== "clear" && COMMANDS[event.key]) return;
    phoneOf().keyboard(key);
  });
}

/** Letters too: a name is an answer. The space bar scrolls or presses a button, as everywhere. */
function character(key) {
  return key.length === 1 && key !== " " ? key : null;
}

/** A field edits its own text; Enter on a button presses that button. */
function keepsItself({ key, target }) {
  if (target.matches("input")) return key !== "Enter" && key !== "Escape";
  return target.matches("button") && key === "Enter";
}
