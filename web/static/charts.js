/* Charts. A page gives `<figure class="chart" data-chart="address of the data"><canvas></canvas></figure>` and loads
   vendor/chart.js before this. The data: {kind: "line" | "bar", labels, unit, lines: [{name, tone, values, kind, dashed,
   stepped, filled}]}. Colours (#rrggbb) come from the tokens; a table beside the chart holds the same numbers. */

const TONES = { accent: "--accent", good: "--good", warn: "--warn", bad: "--bad", faint: "--ink-faint" };
const SCHEME = window.matchMedia("(prefers-color-scheme: dark)");
const CALM = window.matchMedia("(prefers-reduced-motion: reduce)");

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function dataset(line, kind) {
  const colour = token(TONES[line.tone] ?? TONES.accent);
  const bar = (line.kind ?? kind) === "bar";
  return {
    label: line.name,
    data: line.values,
    borderColor: colour,
    backgroundColor: bar ? colour : `${colour}22`,
    borderDash: line.dashed ? [6, 4] : [],
    borderWidth: bar ? 0 : 2,
    borderRadius: 3,
    stepped: line.stepped ? "after" : false,
    fill: line.filled ? "origin" : false,
    pointRadius: 0,
    pointHitRadius: 12,
    tension: 0,
    spanGaps: false,
    type: line.kind ?? kind,
    order: bar ? 1 : 0,
  };
}

function axis(words) {
  return {
    beginAtZero: true,
    grid: { color: token("--line") },
    border: { display: false },
    ticks: { color: token("--ink-faint"), maxRotation: 0, autoSkipPadding: 16, precision: 0 },
    title: { display: Boolean(words), text: words, color: token("--ink-faint") },
  };
}

function options(told) {
  const across = axis("");
  across.grid = { display: false };
  return {
    animation: CALM.matches ? false : { duration: 200 },
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    scales: { x: across, y: axis(told.unit) },
    plugins: {
      legend: { align: "start", labels: { color: token("--ink-soft"), boxWidth: 14, boxHeight: 2 } },
      tooltip: { displayColors: true, boxWidth: 10, boxHeight: 2 },
    },
  };
}

function draw(frame, told) {
  const canvas = frame.querySelector("canvas");
  Chart.getChart(canvas)?.destroy();
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  const sets = told.lines.map((line) => dataset(line, told.kind));
  new Chart(canvas, { type: told.kind, data: { labels: told.labels, datasets: sets }, options: options(told) });
}

async function show(frame) {
  const reply = await fetch(frame.dataset.chart, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!reply.ok) {
    // The table beside it has the numbers; an empty frame would only puzzle.
    frame.hidden = true;
    return;
  }
  const told = await reply.json();
  draw(frame, told);
  SCHEME.addEventListener("change", () => draw(frame, told));
}

for (const frame of document.querySelectorAll("[data-chart]")) show(frame);
