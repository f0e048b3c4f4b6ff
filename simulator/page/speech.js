/** One log that a screen reader reads aloud: new screens, prompts, messages. */

const KEPT = 6;
const log = document.getElementById("spoken");

export function say(sentence) {
  const line = document.createElement("p");
  line.textContent = sentence;
  log.append(line);
  while (log.childElementCount > KEPT) log.firstElementChild.remove();
}
