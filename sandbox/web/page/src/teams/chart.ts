/** Bars and lines of Teams' charts as one drawing, with the figures in words for whoever does not see it. */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 480;
const HEIGHT = 240;
const EDGE = { left: 34, right: 10, top: 14, bottom: 58 };
const TICKS = 5;

export interface Point {
  x: string;
  y: number;
}

export interface Series {
  legend: string;
  values: Point[];
}

export interface Figures {
  kind: "bar" | "line";
  title: string;
  xTitle: string;
  yTitle: string;
  series: Series[];
}

interface Frame {
  labels: string[];
  top: number;
  step: number;
  bottom: number;
}

export function draw(figures: Figures): HTMLElement {
  const figure = document.createElement("figure");
  figure.className = "teams-chart";
  const canvas = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": inWords(figures) });
  const frame = frameOf(figures);
  drawAxes(canvas, figures, frame);
  figures.series.forEach((series, index) => {
    if (figures.kind === "bar") drawBars(canvas, frame, series, index, figures.series.length);
    else drawLine(canvas, frame, series, index);
  });
  figure.append(canvas, legend(figures));
  return figure;
}

function inWords({ title, series }: Figures): string {
  const said = series.map(({ legend, values }) => `${legend}: ${values.map(({ x, y }) => `${x} ${y}`).join(", ")}`);
  return `Chart${title ? `, ${title}` : ""}. ${said.join("; ")}.`;
}

function frameOf({ series }: Figures): Frame {
  const points = series.flatMap((one) => one.values);
  const highest = Math.max(1, ...points.map((point) => point.y));
  const rough = highest / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  const bottom = Math.min(0, Math.floor(Math.min(...points.map((point) => point.y)) / step) * step);
  const labels = [...new Set(points.map((point) => point.x))];
  return { labels, top: Math.ceil(highest / step) * step, step, bottom };
}

function height(frame: Frame, value: number): number {
  const share = (value - frame.bottom) / (frame.top - frame.bottom);
  return HEIGHT - EDGE.bottom - share * (HEIGHT - EDGE.top - EDGE.bottom);
}

function middle(frame: Frame, label: string): number {
  const room = (WIDTH - EDGE.left - EDGE.right) / frame.labels.length;
  return EDGE.left + room * (frame.labels.indexOf(label) + 0.5);
}

function drawAxes(canvas: SVGElement, figures: Figures, frame: Frame): void {
  for (let value = frame.bottom; value <= frame.top + frame.step / 2; value += frame.step) {
    const y = height(frame, value);
    canvas.append(svg("line", { x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y, y2: y, class: "teams-chart-grid" }));
    canvas.append(text(String(Math.round(value * 100) / 100), EDGE.left - 6, y + 4, "end"));
  }
  for (const label of frame.labels) canvas.append(wrapped(label, middle(frame, label), HEIGHT - EDGE.bottom + 17));
  if (figures.xTitle) canvas.append(text(figures.xTitle, (WIDTH + EDGE.left) / 2, HEIGHT - 4, "middle", "teams-chart-title"));
  if (figures.yTitle) {
    const y = (HEIGHT - EDGE.bottom) / 2;
    const title = text(figures.yTitle, 9, y, "middle", "teams-chart-title");
    title.setAttribute("transform", `rotate(-90 9 ${y})`);
    canvas.append(title);
  }
}

function drawBars(canvas: SVGElement, frame: Frame, series: Series, index: number, count: number): void {
  const room = (WIDTH - EDGE.left - EDGE.right) / frame.labels.length;
  const wide = Math.min(40, (room * 0.7) / count);
  for (const { x, y } of series.values) {
    const left = middle(frame, x) + (index - count / 2) * wide;
    const [from, to] = [height(frame, Math.max(y, 0)), height(frame, Math.min(y, 0))];
    canvas.append(
      svg("rect", { x: left + 1, y: from, width: wide - 2, height: Math.max(to - from, 1), class: `teams-series-${index % 6}` }),
      text(String(y), left + wide / 2, from - 3, "middle", "teams-chart-value"),
    );
  }
}

function drawLine(canvas: SVGElement, frame: Frame, series: Series, index: number): void {
  const points = series.values.map(({ x, y }) => `${middle(frame, x)},${height(frame, y)}`);
  canvas.append(svg("polyline", { points: points.join(" "), class: `teams-line teams-series-${index % 6}` }));
  for (const { x, y } of series.values) {
    canvas.append(svg("circle", { cx: middle(frame, x), cy: height(frame, y), r: 4, class: `teams-series-${index % 6}` }));
  }
}

function legend({ series }: Figures): HTMLElement {
  const caption = document.createElement("figcaption");
  series.forEach((one, index) => {
    const entry = document.createElement("span");
    const swatch = document.createElement("i");
    swatch.className = `teams-swatch teams-series-${index % 6}`;
    swatch.setAttribute("aria-hidden", "true");
    entry.append(swatch, one.legend);
    caption.append(entry);
  });
  return caption;
}

function text(words: string, x: number, y: number, anchor: string, look = ""): SVGElement {
  const made = svg("text", { x, y, "text-anchor": anchor, class: look });
  made.textContent = words;
  return made;
}

/** A label in two lines where it has two words. */
function wrapped(label: string, x: number, y: number): SVGElement {
  const made = text("", x, y, "middle");
  const gap = label.indexOf(" ", Math.max(0, label.length / 2 - 4));
  const lines = gap < 0 ? [label] : [label.slice(0, gap), label.slice(gap + 1)];
  lines.forEach((line, index) => {
    const part = svg("tspan", { x, dy: index === 0 ? 0 : "1.1em" });
    part.textContent = line;
    made.append(part);
  });
  return made;
}

function svg(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
