/* The gate's progress: looks once a second, shows how far it got, and loads the report when it is there. */

const POLL_MS = 1000;
const card = document.querySelector("[data-gate]");
const words = card.querySelector("[data-words]");
const bar = card.querySelector("[data-bar]");

async function look() {
  const reply = await fetch(card.dataset.gate, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!reply.ok) return;
  const now = await reply.json();
  if (!now.running) {
    location.reload();
    return;
  }
  if (words.textContent !== now.words) words.textContent = now.words;
  if (now.done > 0) {
    bar.max = now.total;
    bar.value = now.done;
  }
}

async function watch() {
  for (;;) {
    await new Promise((wake) => setTimeout(wake, POLL_MS));
    await look().catch(() => {});
  }
}

watch();
