// Money at the window: change as one types, the keypad's + and *, notes and coins counted.
"use strict";
(() => {
  const cents = (text) => Math.round(Number(text) * 100);
  const shown = (amount) => (Number.isNaN(amount) ? "–" : (amount / 100).toFixed(2));

  const change = (field) => {
    const due = field.closest("[data-due]");
    if (!due) return;
    const left = cents(field.value) - cents(due.dataset.due);
    due.querySelector("[data-change]").textContent = left < 0 ? "–" : shown(left);
  };

  const count = (form, field) => {
    const counted = form.querySelector("[data-counted]");
    if (field !== counted) {
      const faces = [...form.querySelectorAll("[data-face]")];
      const sum = faces.reduce((total, each) => total + cents(each.dataset.face) * Number(each.value || 0), 0);
      counted.value = Number.isNaN(sum) || faces.every((each) => !each.value) ? "" : shown(sum);
    }
    const difference = cents(counted.value) - cents(form.dataset.count);
    form.querySelector("[data-difference]").textContent = counted.value ? shown(difference) : "–";
  };

  document.addEventListener("input", (event) => {
    if (event.target.name === "tendered") change(event.target);
    const form = event.target.closest("[data-count]");
    if (form && event.target.matches("[data-face], [data-counted]")) count(form, event.target);
  });

  // on the keypad a hand stays where the digits are: + collects, * takes the next way to pay
  document.addEventListener("keydown", (event) => {
    const form = event.target.matches?.("[data-money]") && event.target.form;
    if (!form) return;
    if (event.code === "NumpadAdd") {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button.main"));
    } else if (event.code === "NumpadMultiply") {
      event.preventDefault();
      const channel = form.elements.channel;
      channel.selectedIndex = (channel.selectedIndex + 1) % channel.options.length;
    }
  });
})();
