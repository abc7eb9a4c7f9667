/* The waiting page: asks each second and moves on by itself. */

const POLL_MS = 1000;
const card = document.querySelector("[data-waiting]");
const sentence = card.querySelector("[data-sentence]");
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
}

if (first !== "failed" && first !== "closed") setInterval(() => look().catch(() => {}), POLL_MS);
