/* How long the hospital stays: a countdown always in sight, a word before it sleeps and before it closes. */

const SOON_MS = 10 * 60 * 1000;
const LAST_MS = 2 * 60 * 1000;
const stay = document.querySelector("[data-stay]");
const bar = stay.querySelector("[data-stay-bar]");
const words = stay.querySelector("[data-stay-words]");
const here = stay.querySelector('[data-action="here"]');
const extend = stay.querySelector('[data-action="extend"]');
const pill = document.querySelector("[data-stay-left]");
const time = pill.querySelector("[data-stay-time]");
let known = {
  now: Number(stay.dataset.now),
  expires: Number(stay.dataset.expires) || null,
  sleeps: Number(stay.dataset.sleeps) || null,
  may_extend: stay.dataset.mayExtend === "yes",
};
// The server's clock counts: keep the difference, not this machine's time.
let ahead = Date.now() - known.now;

function learn(status) {
  known = status;
  ahead = Date.now() - status.now;
  tell();
}

function clock(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, place) => (place ? String(part).padStart(2, "0") : part)).join(":");
}

function tell() {
  const now = Date.now() - ahead;
  const left = known.expires === null ? Infinity : known.expires - now;
  const awake = known.sleeps === null ? Infinity : known.sleeps - now;
  pill.hidden = left === Infinity;
  if (left !== Infinity) time.textContent = clock(left);
  pill.classList.toggle("pill--warn", left <= SOON_MS && left > LAST_MS);
  pill.classList.toggle("pill--bad", left <= LAST_MS);
  const closing = left <= SOON_MS;
  const idle = !closing && awake <= Number(stay.dataset.warns);
  bar.hidden = !closing && !idle;
  here.hidden = !idle;
  extend.hidden = !(closing && known.may_extend);
  bar.classList.toggle("bench-stay__bar--last", left <= LAST_MS);
  if (bar.hidden) return;
  const sentence = idle ? stay.dataset.idle : left <= LAST_MS ? stay.dataset.last : stay.dataset.closes;
  words.textContent = sentence.replace("{time}", clock(idle ? awake : left));
}

for (const form of [here, extend]) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const reply = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new FormData(form),
      credentials: "same-origin",
    });
    const body = await reply.json();
    if (reply.ok) learn(body);
    else words.textContent = body.sentence;
  });
}

document.addEventListener("bench-status", (event) => learn(event.detail));
tell();
setInterval(tell, 1000);
