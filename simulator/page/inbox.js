/** The messages of one phone, newest first, with a dot on what nobody has looked at. */

import { moment } from "./words.js";

export class Inbox {
  constructor(root, onRead) {
    this.list = root.querySelector(".messages");
    this.empty = root.querySelector(".empty");
    this.count = root.querySelector(".unread");
    this.allRead = root.querySelector(".all-read");
    this.onRead = onRead;
    this.allRead.addEventListener("click", () => this.readAll());
    this.forget();
  }

  /** Another person holds the phone: what she has already is not news. */
  forget() {
    this.known = null;
    this.unread = new Set();
    this.items = [];
    this.list.replaceChildren();
  }

  /** Shows `items` (oldest first, as the simulator keeps them) and gives back those that are new. */
  show(items, now) {
    const fresh = this.known ? items.filter((sms) => !this.known.has(sms.id)) : [];
    const changed = !this.known || fresh.length > 0 || items.length !== this.items.length;
    this.known = new Set(items.map((sms) => sms.id));
    fresh.forEach((sms) => this.unread.add(sms.id));
    this.items = items;
    if (changed) this.list.replaceChildren(...items.toReversed().map((sms) => this.message(sms, now)));
    this.mark();
    return fresh;
  }

  readAll() {
    this.unread.clear();
    this.mark();
    this.onRead();
  }

  read(id) {
    if (!this.unread.delete(id)) return;
    this.mark();
    this.onRead();
  }

  mark() {
    for (const item of this.list.children) item.classList.toggle("new", this.unread.has(item.dataset.id));
    this.empty.hidden = this.items.length > 0;
    this.count.hidden = this.allRead.hidden = this.unread.size === 0;
    this.count.textContent = `${this.unread.size} new`;
  }

  message(sms, now) {
    const item = document.createElement("li");
    item.className = "message";
    item.dataset.id = sms.id;
    item.tabIndex = 0;
    item.classList.toggle("from-mpesa", sms.from === "MPESA");
    const head = document.createElement("p");
    head.className = "message-head";
    const at = new Date(sms.at);
    head.append(piece("b", sms.from), piece("time", `${moment(at, now)} EAT`, { dateTime: sms.at }));
    if (sms.segments > 1) head.append(piece("span", `${sms.segments} segments`, { className: "segments" }));
    item.append(head, piece("p", sms.text, { className: "message-text" }));
    item.addEventListener("focus", () => this.read(sms.id));
    item.addEventListener("click", () => this.read(sms.id));
    return item;
  }
}

function piece(tag, text, more = {}) {
  return Object.assign(document.createElement(tag), { textContent: text, ...more });
}
