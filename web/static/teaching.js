/* Assigning: the sentence that reads the choice back, and the search in the list of people. */

const form = document.querySelector("[data-reads-back]");
const sentence = document.querySelector("[data-read-back]");
const short = document.querySelector("[data-seats-short]");
let asked = 0;

async function readBack() {
  const mine = ++asked;
  const chosen = new URLSearchParams(new FormData(form));
  chosen.delete("csrf_token");
  const reply = await fetch(`${form.dataset.readsBack}?${chosen}`, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  const body = await reply.json();
  // Answers may overtake each other; only the newest question counts.
  if (mine === asked) say(body);
}

function modes() {
  const exercise = form.elements.exercise_version;
  const allowed = exercise.selectedOptions[0].dataset.modes.split(" ");
  const boxes = [...form.elements.mode];
  for (const box of boxes) box.disabled = !allowed.includes(box.value);
  if (boxes.some((box) => box.checked && box.disabled)) boxes.find((box) => !box.disabled).checked = true;
  for (const part of form.querySelectorAll("[data-only-in]")) part.hidden = form.elements.mode.value !== part.dataset.onlyIn;
}

function say(body) {
  sentence.textContent = body.sentence;
  short.textContent = body.short;
  short.hidden = !body.short;
}

if (form && sentence) {
  form.addEventListener("change", modes);
  modes();
  form.addEventListener("change", () => readBack().catch(() => {}));
  readBack().catch(() => {});
}

for (const box of document.querySelectorAll("[data-filters]")) {
  const lines = [...document.getElementById(box.dataset.filters).querySelectorAll("[data-text]")];
  box.addEventListener("input", () => {
    const wanted = box.value.trim().toLowerCase();
    for (const line of lines) line.hidden = !line.dataset.text.toLowerCase().includes(wanted);
  });
}
