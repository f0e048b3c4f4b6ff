/** Money, time and people, as they are written on the page. Time is Nairobi's, whatever the computer says. */

const NAIROBI = { timeZone: "Africa/Nairobi" };
const shillings = new Intl.NumberFormat("en-KE", { minimumFractionDigits: 0, maximumFractionDigits: 2 });
const hour = new Intl.DateTimeFormat("en-US", { ...NAIROBI, hour: "numeric", minute: "2-digit", hour12: true });
const day = new Intl.DateTimeFormat("en-GB", { ...NAIROBI, weekday: "long", day: "numeric", month: "long" });
const shortDay = new Intl.DateTimeFormat("en-GB", { ...NAIROBI, day: "numeric", month: "short" });
const LANGUAGES = { sw: "Kiswahili", en: "English" };

export const money = (cents) => shillings.format(cents / 100);
/** `2:02 PM`, as M-PESA writes it; browsers differ in the space before PM. */
export const clock = (at) => hour.format(at).replace(/\s/, " ");
export const date = (at) => day.format(at);

/** `2:02 PM`, with the day in front when it is not the day of `now`. */
export function moment(at, now) {
  const sameDay = day.format(at) === day.format(now);
  return sameDay ? clock(at) : `${shortDay.format(at)}, ${clock(at)}`;
}

/** `0700 000 005`, as people read their number out. */
export const number = (phone) => phone.replace(/^\+254(\d{3})(\d{3})(\d{3})$/, "0$1 $2 $3");

/** `Wanjiku · member · Kiswahili`. */
export function person({ name, role, language }) {
  return [name, role, LANGUAGES[language] || language].filter(Boolean).join(" · ");
}
