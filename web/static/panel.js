/* Small manners of every panel page: dialogs, typed confirmations, tick-all boxes, one press per form. */

function openDialogs() {
  for (const opener of document.querySelectorAll("[data-opens]")) {
    opener.addEventListener("click", () => document.getElementById(opener.dataset.opens)?.showModal());
  }
  for (const closer of document.querySelectorAll("[data-closes]")) {
    closer.addEventListener("click", () => closer.closest("dialog")?.close());
  }
}

function typedConfirmations() {
  for (const box of document.querySelectorAll("[data-must-equal]")) {
    const button = box.form.querySelector("[data-needs-typing]");
    const compare = () => {
      button.disabled = box.value.trim() !== box.dataset.mustEqual;
    };
    box.addEventListener("input", compare);
    compare();
  }
}

function tickAll() {
  for (const master of document.querySelectorAll("[data-ticks]")) {
    const boxes = [...document.querySelectorAll(`input[name="${master.dataset.ticks}"]`)];
    const acts = [...document.querySelectorAll("[data-needs-ticks]")].filter((act) => ["", master.dataset.ticks].includes(act.dataset.needsTicks));
    const count = document.querySelector("[data-tick-count]");
    const update = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      master.checked = ticked > 0 && ticked === boxes.length;
      master.indeterminate = ticked > 0 && ticked < boxes.length;
      for (const act of acts) act.disabled = ticked === 0;
      if (count) count.textContent = ticked;
    };
    master.addEventListener("change", () => {
      for (const box of boxes) box.checked = master.checked;
      update();
    });
    for (const box of boxes) box.addEventListener("change", update);
    update();
  }
}

function onePress() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.target || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  // A page that comes back from the history may be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });
}

function autoSubmit() {
  for (const field of document.querySelectorAll("[data-submits]")) {
    field.addEventListener("change", () => field.form.requestSubmit());
  }
}

openDialogs();
typedConfirmations();
tickAll();
onePress();
autoSubmit();
