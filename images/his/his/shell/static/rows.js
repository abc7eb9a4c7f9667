// Prescription grid: Enter in the last field of a row opens the next one; quantity and amount come from the server.
"use strict";
(() => {
  const grid = document.querySelector("[data-rows-entry]");
  const chips = document.querySelector(".chips");
  chips?.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-account]");
    if (!chip) return;
    document.getElementById("account").value = chip.dataset.account;
    document.getElementById("password").focus();
  });
  if (!grid) return;

  const body = grid.querySelector("tbody");
  const last = () => body.rows[body.rows.length - 1];
  const value = (row, name) => row.querySelector(`[name="${name}"]`)?.value.trim() || "";

  const add = () => {
    const row = document.getElementById("rx-row").content.firstElementChild.cloneNode(true);
    body.append(row);
    number();
    return row;
  };
  const number = () => [...body.rows].forEach((row, at) => { row.cells[0].textContent = String(at + 1); });

  const derive = async (row) => {
    const drug = value(row, "drug");
    if (!drug) { row.querySelector("[data-fill=amount]").textContent = ""; total(); return; }
    const url = new URL(grid.dataset.quantity, window.location.href);
    for (const name of ["drug", "dose", "freq", "days"]) url.searchParams.set(name, value(row, name));
    if (row.dataset.own) url.searchParams.set("quantity", value(row, "quantity"));
    const reply = await fetch(url).catch(() => null);
    if (!reply || !reply.ok) return;
    const found = await reply.json();
    if (!row.dataset.own) row.querySelector("[name=quantity]").value = found.quantity;
    row.querySelector("[data-fill=amount]").textContent = found.amount;
    total();
  };
  const total = () => {
    const cents = [...body.querySelectorAll("[data-fill=amount]")].reduce((sum, each) => sum + Math.round(Number(each.textContent || 0) * 100), 0);
    grid.querySelector("[data-total]").textContent = (cents / 100).toFixed(2);
  };

  body.addEventListener("taken", (event) => { delete event.target.closest("tr").dataset.own; derive(event.target.closest("tr")); });
  body.addEventListener("change", (event) => {
    const row = event.target.closest("tr");
    if (event.target.name === "quantity") row.dataset.own = event.target.value ? "1" : "";
    if (["dose", "freq", "days", "quantity"].includes(event.target.name)) derive(row);
  });
  body.addEventListener("click", (event) => {
    if (!event.target.closest("[data-drop-row]")) return;
    event.preventDefault();
    const row = event.target.closest("tr");
    if (body.rows.length > 1) row.remove(); else { add(); row.remove(); }
    number();
    total();
    last().querySelector("[data-suggest]").focus();
  });
  grid.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const row = event.target.closest("tbody tr");
    if (!row) return;
    const cells = [...row.querySelectorAll("input, select")].filter((each) => each.type !== "hidden" && !each.readOnly && each.getClientRects().length);
    const at = cells.indexOf(event.target);
    if (event.key === "Enter" && at === cells.length - 1) {
      event.preventDefault();
      event.stopPropagation();
      const to = row === last() ? (value(row, "drug") ? add() : row) : row.nextElementSibling;
      to.querySelector("[data-suggest]").focus();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.tagName === "INPUT") {
      const other = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
      const same = other && [...other.querySelectorAll("input, select")].filter((each) => each.type !== "hidden")[at];
      if (same) { event.preventDefault(); same.focus(); same.select?.(); }
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-add-row]")) { event.preventDefault(); add().querySelector("[data-suggest]").focus(); }
  });
  [...body.rows].forEach((row) => { if (value(row, "drug")) derive(row); });
})();
