// Draws the charts of reports from the JSON beside them, in the page's colours. Every chart's
// figures stand in a table below it, so a browser without scripts misses no number.

const css = (name) => {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
};

const colours = () => ({
  grid: css("--chart-grid"),
  ink: css("--chart-ink"),
  bad: css("--bad"),
  surface: css("--surface"),
  series: [1, 2, 3, 4, 5, 6, 7].map((n) => css(`--series-${n}`)),
});

const faint = (colour) => colour.replace(/^rgb\(/, "rgba(").replace(/\)$/, ", 0.18)");

const dollars = (value) =>
  `$${value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 4 })}`;

const bars = (chart, paint) => ({
  type: "bar",
  data: {
    labels: chart.labels,
    datasets: chart.series.map((series, index) => ({
      label: series.label,
      data: series.values,
      backgroundColor: paint.series[index % paint.series.length],
      borderColor: paint.surface,
      borderWidth: { top: 1 },
      maxBarThickness: 28,
    })),
  },
  options: options(chart, paint, { stacked: true, tick: dollars }),
});

const line = (label, values, colour, more = {}) => ({
  label,
  data: values,
  borderColor: colour,
  backgroundColor: colour,
  borderWidth: 2,
  pointRadius: 3,
  spanGaps: true,
  ...more,
});

// The mean with the band of its interval: two unseen lines, the space between them filled.
const trend = (chart, paint) => {
  const [main] = chart.series;
  const edge = { borderWidth: 0, pointRadius: 0, pointHitRadius: 0, spanGaps: false };
  const band = faint(paint.series[0]);
  const datasets = [
    line(main.label, main.values, paint.series[0]),
    line("95 % from", chart.least, band, edge),
    line("95 % to", chart.most, band, { ...edge, fill: "-1", backgroundColor: band }),
  ];
  if (chart.threshold !== null) {
    const level = chart.labels.map(() => chart.threshold);
    datasets.push(
      line("Threshold", level, paint.bad, { borderWidth: 1, borderDash: [4, 4], pointRadius: 0 }),
    );
  }
  const config = options(chart, paint, { tick: (value) => value.toFixed(2), most: 1 });
  config.plugins.tooltip.callbacks.footer = (items) =>
    items.length ? `n = ${chart.counts[items[0].dataIndex]}` : "";
  return { type: "line", data: { labels: chart.labels, datasets }, options: config };
};

const options = (chart, paint, { stacked = false, tick, most }) => ({
  animation: false,
  maintainAspectRatio: false,
  interaction: { mode: "index", intersect: false },
  scales: {
    x: {
      stacked,
      grid: { display: false },
      ticks: { color: paint.ink, maxRotation: 0, autoSkipPadding: 12 },
    },
    y: {
      stacked,
      beginAtZero: stacked,
      suggestedMax: most,
      max: most,
      grid: { color: paint.grid },
      border: { display: false },
      ticks: { color: paint.ink, callback: tick, maxTicksLimit: 6 },
    },
  },
  plugins: {
    legend: {
      position: "bottom",
      labels: {
        color: paint.ink,
        boxWidth: 12,
        boxHeight: 12,
        filter: (item) => !item.text.startsWith("95 %"),
      },
    },
    tooltip: {
      filter: (item) => !stacked || item.raw > 0,
      callbacks: {
        label: (item) =>
          item.raw === null ? "" : ` ${item.dataset.label}: ${stacked ? dollars(item.raw) : item.raw.toFixed(3)}`,
      },
    },
  },
});

const drawn = [];

const draw = () => {
  for (const chart of drawn.splice(0)) chart.destroy();
  const paint = colours();
  for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
    const chart = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
    const kinds = { bars, trend };
    drawn.push(new window.Chart(canvas, kinds[chart.kind](chart, paint)));
  }
};

draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
addEventListener("beforeprint", () => drawn.forEach((chart) => chart.resize()));
document.documentElement.dataset.charts = "drawn";
