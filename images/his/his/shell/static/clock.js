// Hospital time ticks between pages; the server sets it anew with every pulse. Human input is reported now and then;
// a screen that nobody touches for the hospital's limit locks itself.
"use strict";
(() => {
  const PULSE_MS = 15000;
  const INPUT_MS = 10000;
  const shown = document.getElementById("hospital-time");
  const notes = document.getElementById("notes");
  let base = 0;
  let since = 0;
  let factor = 1;
  let lastInput = -INPUT_MS;

  const set = (stamp, pace) => {
    base = Date.parse(`${stamp}Z`);
    since = performance.now();
    factor = pace;
  };
  const tick = () => {
    if (!shown || !base) return;
    const now = new Date(base + (performance.now() - since) / factor);
    shown.textContent = now.toISOString().slice(0, 19).replace("T", " ");
  };
  const pulse = async () => {
    if (document.hidden || !notes) return;
    const reply = await fetch(notes.dataset.pulse, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!reply || !reply.ok || reply.redirected) return;
    const now = await reply.json();
    set(now.time, now.factor);
    if (now.notes === notes.dataset.seen) return;
    const fresh = await fetch(notes.dataset.fragment).catch(() => null);
    if (!fresh || !fresh.ok || fresh.redirected) return;
    const page = new DOMParser().parseFromString(await fresh.text(), "text/html");
    notes.replaceChildren(...page.body.children);
    notes.dataset.seen = now.notes;
  };
  let idle = 0;
  const watch = () => {
    clearTimeout(idle);
    idle = setTimeout(() => {
      const form = document.getElementById("lock");
      if (!form) return;
      form.elements.by.value = "timer";
      form.requestSubmit();
    }, Number(document.body.dataset.lockAfter) * 1000);
  };
  const input = () => {
    watch();
    if (performance.now() - lastInput < INPUT_MS) return;
    lastInput = performance.now();
    navigator.sendBeacon(document.body.dataset.input, "");
  };

  if (shown && shown.dateTime) {
    set(shown.dateTime, Number(shown.dataset.factor) || 1);
    setInterval(tick, 1000);
    setInterval(pulse, PULSE_MS);
  }
  if (document.body.dataset.input) {
    watch();
    for (const kind of ["keydown", "pointerdown", "pointermove", "wheel"]) {
      document.addEventListener(kind, input, { passive: true, capture: true });
    }
  }
})();
