/** News of changes: server-sent events while they flow, a look once a second while they do not. */

const LOOK_EVERY_MS = 1000;

/** `onChange(phone)` hears which phone has changed, or null when it may be any of them. */
export function follow(onChange) {
  let looking = null;
  const look = () => {
    looking ??= setInterval(() => onChange(null), LOOK_EVERY_MS);
  };
  const rest = () => {
    clearInterval(looking);
    looking = null;
  };
  const connect = () => {
    const events = new EventSource("/phone/events");
    events.onopen = () => {
      rest();
      // Whatever happened before the stream was open was told to nobody.
      onChange(null);
    };
    events.onmessage = (event) => onChange(JSON.parse(event.data).phone);
    events.onerror = () => {
      look();
      // The browser tries again by itself after a cut, but not after a refusal.
      if (events.readyState === EventSource.CLOSED) setTimeout(connect, 5 * LOOK_EVERY_MS);
    };
  };
  connect();
}
