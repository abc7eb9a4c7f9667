/* The print button, the wait for a grade, and the wait for the printed report. */
for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}

const pending = document.querySelector("[data-grading]");
if (pending) {
  const look = async () => {
    const reply = await fetch(pending.dataset.grading, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (reply.ok && (await reply.json()).state !== pending.dataset.state) location.reload();
  };
  setInterval(() => look().catch(() => {}), 1000);
}

const paper = document.querySelector("form[data-paper]");

function papering(words, busy) {
  const button = paper.querySelector("button");
  button.classList.toggle("button--busy", busy);
  button.disabled = busy;
  paper.querySelector("[data-paper-status]").textContent = words;
}

async function awaitPaper() {
  papering(paper.dataset.paperWords, true);
  for (;;) {
    await new Promise((wake) => setTimeout(wake, 500));
    const reply = await fetch(paper.dataset.paper, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!reply.ok) continue;
    const now = await reply.json();
    if (now.state === "made") {
      papering("", false);
      location.assign(paper.dataset.paper);
      return;
    }
    if (now.state === "failed") {
      papering(now.trouble || paper.dataset.paperFailed, false);
      return;
    }
  }
}

if (paper) {
  paper.addEventListener("submit", async (event) => {
    event.preventDefault();
    papering(paper.dataset.paperWords, true);
    const sent = { method: "POST", body: new URLSearchParams(new FormData(paper)), credentials: "same-origin", redirect: "manual" };
    await fetch(paper.action, sent).catch(() => {});
    awaitPaper().catch(() => papering(paper.dataset.paperFailed, false));
  });
  if ("paperWanted" in paper.dataset) awaitPaper().catch(() => {});
}
