/** The simulator's doors, as the page uses them. Every call answers with JSON or throws an Error with plain words. */

async function read(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error || `The simulator answered ${response.status}.`);
  return body;
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch {
    throw new Error("The simulator does not answer. Is it still running?");
  }
  return read(response);
}

const get = (path) => ask(path);
const post = (path, body) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const cast = () => get("/phone/cast");
export const state = (phone) => get(`/phone/state?phone=${encodeURIComponent(phone)}`);
export const dial = (phone, ussd) => post("/control/dial", { phone, ussd });
export const press = (phone, keys) => post("/control/press", { phone, keys });
export const hangUp = (phone) => post("/control/hangup", { phone });
export const repeat = (phone) => post("/control/repeat", { phone });
export const advance = (seconds) => post("/control/clock", { advance_seconds: seconds });
export const wish = (phone, outcome) => post("/control/outcomes", { phone, api: "stk", outcome });
