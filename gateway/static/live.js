// Keeps the status page fresh: asks for its moving part every second and swaps only the sections that changed.
// Without this script the page is whole; a reload shows what is new.
"use strict";

(() => {
  const EVERY_MS = 1000;
  const board = document.getElementById("board");
  const pulse = document.getElementById("pulse");
  const news = document.getElementById("news");
  let etag = "";
  let misses = 0;

  const rowsOf = (section) => new Map([...section.querySelectorAll("[data-row]")].map((row) => [row.dataset.row, row]));

  const wordsOf = (row, part) => row.querySelector(`.${part}`).textContent.trim();

  // A row that is new, or whose state moved on, glows for a moment; the newest of them is also told to those who listen.
  function glow(before, after) {
    const known = rowsOf(before);
    const moved = [...rowsOf(after)].filter(([name, row]) => known.get(name)?.dataset.state !== row.dataset.state);
    moved.forEach(([, row]) => row.classList.add("fresh"));
    if (moved.length) news.textContent = ["who", "amount", "how"].map((part) => wordsOf(moved[0][1], part)).join(", ");
  }

  // The keyboard must not lose its place when the section under it is swapped.
  function swap(before, after) {
    const held = before.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    glow(before, after);
    before.replaceWith(after);
    if (held) after.querySelector(`[href="${CSS.escape(held)}"]`)?.focus();
  }

  function show(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    for (const after of fresh.querySelectorAll("section[id]")) {
      const before = document.getElementById(after.id);
      const same = before.cloneNode(true);
      same.querySelectorAll(".fresh").forEach((row) => row.classList.remove("fresh"));
      same.querySelectorAll("[class='']").forEach((row) => row.removeAttribute("class"));
      if (same.outerHTML !== after.outerHTML) swap(before, after);
    }
  }

  function say(words, tone) {
    if (pulse.textContent !== words) pulse.textContent = words;
    pulse.className = `pulse ${tone}`;
  }

  async function look() {
    const answer = await fetch(board.dataset.feed, {
      headers: etag ? { "If-None-Match": etag } : {},
      cache: "no-store",
      credentials: "same-origin",
      signal: AbortSignal.timeout(5000),
    });
    if (answer.status === 401) return location.reload();
    if (answer.status === 200) {
      show(await answer.text());
      etag = answer.headers.get("ETag") ?? "";
    } else if (answer.status !== 304) {
      throw new Error(String(answer.status));
    }
    misses = 0;
    say("Live", "on");
  }

  async function keepLooking() {
    if (!document.hidden) {
      try {
        await look();
      } catch {
        misses += 1;
        if (misses > 2) say("No answer from the gateway. Still trying.", "off");
      }
    }
    // After misses ask less often, up to ten seconds apart: a gateway that restarts needs no crowd at its door.
    setTimeout(keepLooking, Math.min(EVERY_MS * (1 + misses), 10000));
  }

  document.addEventListener("visibilitychange", () => document.hidden || look().catch(() => undefined));
  keepLooking();
})();
