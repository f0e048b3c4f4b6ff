/** The instruments over a phone: length of the screen, time left in the session, latency of each hop. */

const SCREEN_CHARACTERS = 160;
const HURRY_SECONDS = 10;
const HOPS_SHOWN = 8;
// A person notices from here on; the network gives up at 10 s.
const SLOW_MS = 1000;

export class Meter {
  constructor(root) {
    this.count = root.querySelector(".count");
    this.chars = root.querySelector(".chars");
    this.countNote = root.querySelector(".count-note");
    this.bar = root.querySelector(".bar");
    this.seconds = root.querySelector(".seconds");
    this.hops = root.querySelector(".hops");
    this.endsAt = null;
  }

  /** `chars` and `warnings` as the simulator counted them, CON or END included. */
  show({ chars, warnings, seconds_left: left, over: ended, hops_ms: hops }) {
    const over = chars - SCREEN_CHARACTERS;
    const wrong = warnings.length > 0 || over > 0;
    this.chars.textContent = `${chars}/${SCREEN_CHARACTERS}`;
    this.count.classList.toggle("over", wrong);
    this.countNote.textContent = over > 0 ? `too long by ${over}` : wrong ? "not GSM-7 text" : "characters";
    this.count.title = warnings.join(", ");
    this.bar.style.setProperty("--full", Math.min(1, chars / SCREEN_CHARACTERS));
    this.endsAt = ended ? null : performance.now() + left * 1000;
    this.showHops(hops);
    this.tick();
  }

  /** Local seconds between two looks at the simulator. */
  tick() {
    const left = this.endsAt === null ? null : Math.max(0, Math.round((this.endsAt - performance.now()) / 1000));
    this.seconds.textContent = left === null ? "–" : `${left} s`;
    this.seconds.classList.toggle("hurry", left !== null && left <= HURRY_SECONDS);
  }

  showHops(hops) {
    const shown = hops.slice(-HOPS_SHOWN);
    const tallest = Math.max(50, ...shown);
    this.hops.replaceChildren(...shown.map((ms) => hop(ms, ms / tallest)));
  }
}

function hop(ms, height) {
  const item = document.createElement("li");
  item.textContent = ms;
  item.title = `${ms} ms`;
  item.classList.toggle("slow", ms >= SLOW_MS);
  item.style.setProperty("--height", height);
  return item;
}
