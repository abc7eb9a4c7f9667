/* The waiting page: is told at once when the hospital is there, asks again every few seconds, and moves on by itself. */

const POLL_MS = 1000;
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
  for (;;) {
    const asked = performance.now();
    await look().catch(() => {});
    await new Promise((wake) => setTimeout(wake, asked + POLL_MS - performance.now()));
  }
}

if (first !== "failed" && first !== "closed") watch();
