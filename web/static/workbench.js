/* Workbench: enters the hospital with the ticket that the page brought along, watches its state, keeps width and clock. */

const POLL_MS = 3000;
const NARROWEST = 260;
const WIDEST = 620;
const bench = document.querySelector("[data-bench]");
const frame = bench.querySelector("[data-frame]");
const veil = bench.querySelector("[data-veil]");
const veilWords = bench.querySelector("[data-veil-words]");
const trouble = document.querySelector("[data-bench-trouble]");
const splitter = bench.querySelector("[data-splitter]");
const toggle = document.querySelector("[data-toggle]");
let epoch = bench.dataset.epoch;

function say(sentence) {
  trouble.textContent = sentence;
  trouble.hidden = sentence === "";
}

function enter() {
  frame.addEventListener("load", () => { veil.hidden = true; }, { once: true });
  // The ticket in it is good once. replace() adds no entry, so the browser's back button stays inside the hospital.
  frame.contentWindow.location.replace(bench.dataset.wayIn);
}

async function look() {
  const reply = await fetch(bench.dataset.status, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  const now = await reply.json();
  if (!reply.ok) {
    say(now.sentence);
    return;
  }
  if (now.leave) {
    location.replace(now.leave);
    return;
  }
  document.dispatchEvent(new CustomEvent("bench-status", { detail: now }));
  if (now.state === "hibernated" || now.state === "waking") {
    location.replace(now.page);
    return;
  }
  if (now.state === "replacing") {
    veilWords.textContent = bench.dataset.restoring;
    veil.hidden = false;
  } else if (String(now.epoch) !== epoch) {
    // A new cell stands behind the same address, with new passwords.
    location.reload();
    return;
  }
  say(now.trouble || "");
}

function width(pixels) {
  const kept = Math.round(Math.min(WIDEST, Math.max(NARROWEST, pixels)));
  bench.style.setProperty("--side", `${kept}px`);
  splitter.setAttribute("aria-valuenow", String(kept));
  localStorage.setItem("bench-side", String(kept));
}

function showSide(shown) {
  bench.classList.toggle("bench--alone", !shown);
  toggle.setAttribute("aria-expanded", String(shown));
  const use = toggle.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/(collapse|expand)$/, shown ? "collapse" : "expand"));
  localStorage.setItem("bench-shown", shown ? "yes" : "no");
}

function resizing() {
  const kept = Number(localStorage.getItem("bench-side"));
  if (kept) width(kept);
  showSide(localStorage.getItem("bench-shown") !== "no");
  toggle.addEventListener("click", () => showSide(toggle.getAttribute("aria-expanded") !== "true"));
  splitter.addEventListener("pointerdown", (event) => {
    splitter.setPointerCapture(event.pointerId);
    bench.classList.add("bench--dragging");
  });
  splitter.addEventListener("pointermove", (event) => {
    if (splitter.hasPointerCapture(event.pointerId)) width(event.clientX - bench.getBoundingClientRect().left);
  });
  splitter.addEventListener("lostpointercapture", () => bench.classList.remove("bench--dragging"));
  splitter.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (!step) return;
    event.preventDefault();
    width(Number(splitter.getAttribute("aria-valuenow")) + step);
  });
}

function countdown() {
  const timer = document.querySelector("[data-deadline]");
  if (!timer) return;
  // The server's clock counts: keep the difference, not this machine's time.
  const ahead = Date.now() - Number(timer.dataset.now);
  const left = timer.querySelector("[data-left]");
  const tell = () => {
    const seconds = Math.max(0, Math.round((Number(timer.dataset.deadline) - (Date.now() - ahead)) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    timer.classList.toggle("bench-bar__timer--late", seconds < 180);
  };
  tell();
  setInterval(tell, 1000);
}

function checkLine(list, line) {
  const item = document.createElement("li");
  item.className = line.full ? "checked__line checked__line--full" : "checked__line";
  const drawing = document.querySelector(line.full ? "[data-drawing-full]" : "[data-drawing-open]").content.cloneNode(true);
  const title = document.createElement("span");
  title.textContent = line.title;
  const words = document.createElement("span");
  words.className = "visually-hidden";
  words.textContent = line.full ? list.dataset.full : list.dataset.open;
  item.append(drawing, title, words);
  return item;
}

function checking() {
  const part = document.querySelector("[data-check]");
  if (!part) return;
  const form = part.querySelector("form");
  const button = part.querySelector("[data-check-ask]");
  const said = part.querySelector("[data-check-said]");
  const wait = part.querySelector("[data-check-wait]");
  const list = part.querySelector("[data-check-lines]");
  let until = Date.now() + Number(part.dataset.wait) * 1000;
  let waiting = part.dataset.waiting === "yes";
  const tell = () => {
    const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    button.disabled = waiting || seconds > 0;
    button.classList.toggle("button--busy", waiting);
    wait.textContent = !waiting && seconds > 0 ? `${seconds} s` : "";
  };
  const show = (answer) => {
    waiting = answer.waiting;
    until = Date.now() + answer.wait_s * 1000;
    said.textContent = answer.said;
    if (!waiting) list.replaceChildren(...answer.lines.map((line) => checkLine(list, line)));
    tell();
  };
  const ask = async (address, options) => {
    const reply = await fetch(address, { headers: { Accept: "application/json", "X-CSRF-Token": bench.dataset.csrf }, credentials: "same-origin", ...options });
    const body = await reply.json();
    if (reply.ok) show(body);
    else said.textContent = body.sentence;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form.action, { method: "POST" }).catch(() => { said.textContent = bench.dataset.lost; });
  });
  setInterval(() => {
    tell();
    if (waiting) ask(part.dataset.check, {}).catch(() => {});
  }, 1000);
  tell();
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copies);
  button.classList.add("seat__copy--done");
  setTimeout(() => button.classList.remove("seat__copy--done"), 1200);
}

for (const button of document.querySelectorAll("[data-copies]")) {
  button.addEventListener("click", () => copy(button).catch(() => {}));
}
resizing();
countdown();
checking();
enter();
setInterval(() => look().catch(() => say(bench.dataset.lost)), POLL_MS);
