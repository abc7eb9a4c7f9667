/* The waiting page: asks soon at first, then each second, and moves on by itself. */

const SOON_MS = 300;
const POLL_MS = 1000;
const SOON = 5;
const card = document.querySelector("[data-waiting]");
const sentence = card.querySelector("[data-sentence]");
const note = card.querySelector("[data-note]");
const first = card.dataset.state;

async function look() {
  const reply = await fetch(card.dataset.status, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!reply.ok) return;
  const now = await reply.json();
  if (now.state !== first) {
    location.replace(now.page);
    return;
  }
  if (sentence.textContent !== now.sentence) sentence.textContent = now.sentence;
  if (note.textContent !== now.note) note.textContent = now.note;
  note.hidden = !now.note;
}

async function watch() {
  for (let asked = 0; ; asked += 1) {
    await new Promise((wake) => setTimeout(wake, asked < SOON ? SOON_MS : POLL_MS));
    await look().catch(() => {});
  }
}

if (first !== "failed" && first !== "closed") watch();
