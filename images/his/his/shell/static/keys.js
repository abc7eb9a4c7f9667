// Keyboard of the workstation: function keys, Alt+digit tabs, Enter from field to field, Esc for the topmost thing.
"use strict";
(() => {
  const OURS = new Set(["F2", "F3", "F4", "F6", "F7", "F8", "F9", "F10"]);
  let typed = false;
  document.addEventListener("input", (event) => { if (event.target.form?.method === "post") typed = true; });
  const shown = (element) => element && !element.disabled && element.getClientRects().length > 0;
  const top = () => [...document.querySelectorAll(".veil")].filter(shown).pop();
  const scope = () => top() || document;

  // a digit of the chart's own tabs wins over the same digit of the desk's
  const press = (key) => {
    const keyed = [...scope().querySelectorAll(`[data-key="${key}"]`)].filter(shown);
    const target = keyed.find((each) => each.closest(".work")) || keyed[0];
    if (!target) return false;
    if (target.matches("input, select, textarea")) { target.focus(); if (target.select) target.select(); }
    else target.click();
    return true;
  };

  const fields = (form) => [...form.elements].filter(
    (each) => shown(each) && each.matches("input:not([type=hidden]), select, textarea") && !each.readOnly && each.tabIndex >= 0);

  const next = (field) => {
    const all = fields(field.form);
    const following = all[all.indexOf(field) + 1];
    if (!following) return false;
    following.focus();
    if (following.select && following.tagName === "INPUT") following.select();
    return true;
  };

  const close = () => {
    const box = top();
    // leaving a page by Esc must not throw away what was typed into it
    if (!box && typed) return false;
    const way = [...(box || document).querySelectorAll("[data-close]")].find(shown);
    if (!way) return false;
    way.click();
    return true;
  };

  const enter = (event) => {
    const field = event.target;
    if (!field.form || !field.form.hasAttribute("data-enter")) return;
    if (field.tagName === "TEXTAREA" || field.tagName === "BUTTON" || event.ctrlKey) return;
    event.preventDefault();
    if (!next(field)) field.form.requestSubmit(field.form.querySelector("button.main"));
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.altKey && /^Digit[0-9]$/.test(event.code)) {
      event.preventDefault();
      press(`Alt+${event.code.slice(5)}`);
    } else if (OURS.has(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      press(event.key);
    } else if (event.key === "Escape") {
      if (close()) event.preventDefault();
    } else if (event.key === "Enter") {
      enter(event);
    } else if (event.key === "?" && !event.target.matches("input, textarea, select")) {
      document.getElementById("shortcuts")?.removeAttribute("hidden");
      document.querySelector("#shortcuts [data-close]")?.focus();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.closest?.("[data-rows]")) {
      arrow(event);
    } else if (event.key === "Tab" && top()) {
      trap(event);
    }
  });

  const arrow = (event) => {
    const links = [...event.target.closest("[data-rows]").querySelectorAll("a.row")];
    const at = links.indexOf(event.target);
    const to = links[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (to) { event.preventDefault(); to.focus(); }
  };

  // a box must be answered: Tab stays inside it
  const trap = (event) => {
    const inside = [...top().querySelectorAll("a[href], button, input, select, textarea")].filter(
      (each) => shown(each) && each.type !== "hidden");
    const edge = event.shiftKey ? inside[0] : inside[inside.length - 1];
    if (inside.length && (document.activeElement === edge || !top().contains(document.activeElement))) {
      event.preventDefault();
      (event.shiftKey ? inside[inside.length - 1] : inside[0]).focus();
    }
  };

  document.addEventListener("click", (event) => {
    const hide = event.target.closest("[data-hide]");
    if (hide) { event.preventDefault(); document.getElementById(hide.dataset.hide).setAttribute("hidden", ""); focusFirst(); }
    const open = event.target.closest("[data-open]");
    if (open) { event.preventDefault(); openBox(open.dataset.open); }
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input, select")) window.location.assign(row.dataset.href);
  });

  const openBox = (id) => {
    const box = document.getElementById(id);
    box.removeAttribute("hidden");
    (box.querySelector("[data-first]") || box.querySelector("input, select, button"))?.focus();
  };

  // a list that acts by itself waits for Enter while it is walked through with the arrows
  let walked = null;
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.("[data-submits]")) return;
    if (/^(Arrow|Page|Home|End)/.test(event.key)) walked = event.target;
    else if (event.key === "Enter" && walked === event.target) { event.preventDefault(); walked.form.requestSubmit(); }
  }, true);
  document.addEventListener("pointerdown", () => { walked = null; });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submits]") && walked !== event.target) event.target.form.requestSubmit();
  });

  // one press, one request; the server holds the same form id against a second one
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === "post") form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });

  // no page leaves the hands nowhere: what went wrong, what the page names, its tab, its first row or field
  const PLACES = [".wrong input, .wrong select, .wrong textarea, input.wrong, select.wrong", "[data-focus]",
    ".tabs.inner a[aria-current]", ".work tr.on a.row", ".work a.row", ".work input, .work select, .work textarea, .work .button",
    ".sheets [data-close]", ".tabs a[aria-current]"];

  const focusFirst = () => {
    const box = top();
    const places = box ? ["[data-first]", "button, a[href], input"] : PLACES;
    const first = places.map((place) => [...(box || document).querySelectorAll(place)].find(shown)).find(Boolean);
    if (first) { first.focus(); if (first.select && first.tagName === "INPUT") first.select(); }
  };
  // the bar names no key that would do nothing here
  const bar = () => document.querySelectorAll("[data-bar]").forEach((each) => {
    each.hidden = OURS.has(each.dataset.bar) &&
      ![...document.querySelectorAll(`[data-key="${each.dataset.bar}"]`)].some(shown);
  });
  window.addEventListener("DOMContentLoaded", () => { bar(); focusFirst(); });
  window.addEventListener("load", () => { if (document.querySelector("[data-print-now]")) window.print(); });
})();
