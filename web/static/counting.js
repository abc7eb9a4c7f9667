/* Work that is counted as it is done (a regrade, a reset of many): shows how far it is, and moves on by itself. */

const card = document.querySelector("[data-computing]");

async function look() {
  const reply = await fetch(card.dataset.computing, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!reply.ok) return;
  const now = await reply.json();
  if (now.state !== card.dataset.state) {
    location.reload();
    return;
  }
  const words = card.querySelector("[data-progress-words]");
  const said = words.dataset.pattern.replace("{done}", now.done).replace("{all}", now.all);
  if (words.textContent !== said) words.textContent = said;
  const bar = card.querySelector("progress");
  bar.max = Math.max(1, now.all);
  bar.value = now.done;
}

if (card) setInterval(() => look().catch(() => {}), 1000);
