// The room board looks again by itself; what has not changed is left alone, so that a screen reader keeps silent.
"use strict";
(() => {
  const EVERY_MS = 10000;
  const board = document.querySelector("[data-refresh]");
  if (!board) return;
  let shown = "";
  const look = async () => {
    if (document.hidden) return;
    const reply = await fetch(board.dataset.refresh).catch(() => null);
    if (!reply || !reply.ok || reply.redirected) return;
    const fresh = await reply.text();
    if (fresh === shown) return;
    shown = fresh;
    const page = new DOMParser().parseFromString(fresh, "text/html");
    board.replaceChildren(...page.body.children);
  };
  setInterval(look, EVERY_MS);
})();
