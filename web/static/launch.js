/* Launch: the pressed button itself becomes the progress, and then the workbench. */

const POLL_MS = 1000;

async function ask(url, options) {
  const reply = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin", ...options });
  return { ok: reply.ok, body: await reply.json() };
}

function fail(form, sentence) {
  const button = form.querySelector("button");
  button.classList.remove("button--busy");
  button.disabled = false;
  form.querySelector("[data-launch-words]").textContent = form.dataset.words;
  const trouble = form.parentElement.querySelector("[data-launch-trouble]");
  trouble.textContent = sentence;
  trouble.hidden = false;
}

async function follow(form, status) {
  const words = form.querySelector("[data-launch-words]");
  let now = status;
  let next = 0;
  while (now.state !== "open") {
    if (now.state === "failed" || now.state === "closed") {
      location.assign(now.page);
      return;
    }
    words.textContent = now.sentence;
    await new Promise((wake) => setTimeout(wake, next - performance.now()));
    next = performance.now() + POLL_MS;
    // Answered as soon as the hospital is there, or when there is something new to say: within seconds.
    const asked = await ask(now.poll);
    if (!asked.ok) {
      fail(form, asked.body.sentence);
      return;
    }
    now = asked.body;
  }
  words.textContent = now.sentence;
  location.assign(now.page);
}

async function launch(form) {
  const button = form.querySelector("button");
  const words = form.querySelector("[data-launch-words]");
  form.dataset.words = words.textContent;
  form.parentElement.querySelector("[data-launch-trouble]").hidden = true;
  button.classList.add("button--busy");
  try {
    const asked = await ask(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (asked.ok) {
      await follow(form, asked.body);
    } else {
      fail(form, asked.body.sentence);
    }
  } catch {
    // The network is gone: the plain form shows the browser's own page, which can be reloaded.
    form.submit();
  }
}

for (const form of document.querySelectorAll("[data-launch]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!form.querySelector(".button--busy")) launch(form);
  });
}
