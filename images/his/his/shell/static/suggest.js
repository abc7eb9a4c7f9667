// Short-code fields: type initials, code or Chinese; a small grid drops down; digits, arrows or Enter pick a row.
// The server answers with an HTML table whose rows carry data-set-<name> for the fields of the same data-group.
"use strict";
(() => {
  const WAIT_MS = 90;
  let drop = null;
  let field = null;
  let timer = 0;
  let asked = 0;
  let waiting = null;

  const close = () => { drop?.remove(); drop = null; field?.setAttribute("aria-expanded", "false"); };
  const rows = () => (drop ? [...drop.querySelectorAll("tbody tr")] : []);
  const chosen = () => rows().findIndex((row) => row.getAttribute("aria-selected") === "true");

  const choose = (index) => {
    const all = rows();
    if (!all.length) return;
    const to = Math.max(0, Math.min(all.length - 1, index));
    all.forEach((row, at) => row.setAttribute("aria-selected", String(at === to)));
    all[to].scrollIntoView({ block: "nearest" });
  };

  const place = () => {
    const box = field.getBoundingClientRect();
    drop.style.setProperty("min-width", `${box.width}px`);
    const width = Math.min(drop.offsetWidth, window.innerWidth - 8);
    drop.style.setProperty("left", `${Math.max(4, Math.min(box.left, window.innerWidth - width - 4))}px`);
    const below = window.innerHeight - box.bottom;
    const up = below < drop.offsetHeight + 4 && box.top > below;
    drop.style.setProperty("top", `${up ? Math.max(4, box.top - drop.offsetHeight - 1) : box.bottom + 1}px`);
  };

  const open = (html) => {
    close();
    drop = document.createElement("div");
    drop.className = "drop";
    drop.id = "drop";
    drop.setAttribute("role", "listbox");
    drop.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.children);
    document.body.append(drop);
    field.setAttribute("aria-expanded", "true");
    place();
    choose(0);
    if (waiting === field && rows().length) take(0);
    waiting = null;
  };

  const ask = async (source) => {
    const text = source.value.trim();
    if (!text) { close(); return; }
    const mine = ++asked;
    const url = new URL(source.dataset.suggest, window.location.href);
    url.searchParams.set("q", text);
    const reply = await fetch(url).catch(() => null);
    if (!reply || !reply.ok || mine !== asked || document.activeElement !== source) return;
    const html = await reply.text();
    if (mine !== asked || document.activeElement !== source) return;
    field = source;
    open(html);
  };

  const take = (index) => {
    const row = rows()[index];
    if (!row || !field) return;
    const target = field;
    delete target.dataset.typed;
    const group = target.closest("[data-group]") || target.form;
    close();
    for (const [name, value] of Object.entries(row.dataset)) {
      if (!name.startsWith("set")) continue;
      const key = name.slice(3).toLowerCase();
      for (const each of group.querySelectorAll(`[data-fill="${key}"]`)) {
        if ("value" in each) each.value = value; else each.textContent = value;
      }
    }
    target.dispatchEvent(new CustomEvent("taken", { bubbles: true }));
    if (target.dataset.then === "submit") { target.form.requestSubmit(); return; }
    const all = [...target.form.elements].filter((each) => each.getClientRects().length && each.type !== "hidden" && !each.readOnly && each.tabIndex >= 0);
    const next = all[all.indexOf(target) + 1];
    if (next) { next.focus(); next.select?.(); }
  };

  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-suggest]")) return;
    const source = event.target;
    source.dataset.typed = "1";
    (source.closest("[data-group]") || source.form).querySelectorAll("[data-clears]").forEach((each) => { each.value = ""; });
    clearTimeout(timer);
    timer = setTimeout(() => ask(source), WAIT_MS);
  });
  // Enter before the answer has come: take its first row as soon as it is there
  document.addEventListener("keydown", (event) => {
    const source = event.target;
    if (drop || event.key !== "Enter" || event.isComposing || !source.matches?.("[data-suggest]")) return;
    if (!source.dataset.typed || !source.value.trim()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting = source;
    clearTimeout(timer);
    ask(source);
  }, true);
  document.addEventListener("keydown", (event) => {
    if (!drop || event.target !== field || event.isComposing) return;
    // a digit picks a row unless it continues a code, card or phone number
    const digit = /^[1-9]$/.test(event.key) && !event.ctrlKey && !event.altKey && /^[a-z]{2,}$|[\u4e00-\u9fff]$/i.test(field.value);
    if (event.key === "ArrowDown") choose(chosen() + 1);
    else if (event.key === "ArrowUp") choose(chosen() - 1);
    else if (event.key === "Enter" && rows().length) take(chosen());
    else if (event.key === "Escape") close();
    else if (digit && rows()[Number(event.key) - 1]) take(Number(event.key) - 1);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("mousedown", (event) => {
    if (!drop) return;
    const row = event.target.closest(".drop tbody tr");
    if (row) { event.preventDefault(); take(rows().indexOf(row)); }
    else if (!event.target.closest(".drop")) close();
  });
  document.addEventListener("focusout", (event) => { if (drop && event.target === field) close(); });
  document.addEventListener("scroll", () => { if (drop && field) place(); }, true);
})();

// Search as you type: a list that the server draws anew; and a form that is watched while it is filled in.
(() => {
  const WAIT_MS = 280;
  const timers = new Map();
  const asked = new Map();

  const draw = async (into, url) => {
    const mine = (asked.get(into) || 0) + 1;
    asked.set(into, mine);
    const reply = await fetch(url).catch(() => null);
    if (!reply || !reply.ok || mine !== asked.get(into)) return;
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    document.getElementById(into).replaceChildren(...page.body.childNodes);
  };
  const later = (into, url) => {
    clearTimeout(timers.get(into));
    timers.set(into, setTimeout(() => draw(into, url()), WAIT_MS));
  };

  document.addEventListener("input", (event) => {
    const live = event.target.closest?.("[data-live]");
    if (live && !event.isComposing) {
      later(live.dataset.into, () => {
        const url = new URL(live.dataset.live, window.location.href);
        url.searchParams.set("q", live.value);
        return url;
      });
    }
    const form = event.target.form;
    if (form?.dataset.watch) {
      later(form.dataset.into, () => {
        const url = new URL(form.dataset.watch, window.location.href);
        for (const [name, value] of new FormData(form)) if (!name.startsWith("form_")) url.searchParams.set(name, value);
        return url;
      });
    }
    // a citizen number carries birth date and sex
    if (event.target.matches?.("[data-id-number]") && /^\d{17}[\dXx]$/.test(event.target.value.trim()) && ["", "01"].includes(form.id_type?.value)) {
      const number = event.target.value.trim();
      if (!form.birth_date.value) form.birth_date.value = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
      if (!form.sex.value) form.sex.value = Number(number[16]) % 2 ? "1" : "2";
    }
  });
  // from the search field straight into the hits
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" || !event.target.matches?.("[data-live]")) return;
    const first = document.getElementById(event.target.dataset.into)?.querySelector("a.row");
    if (first) { event.preventDefault(); first.focus(); }
  });
})();
