// A signal's points with the band that was expected, and below it how odd each point was.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { amount, localTime } from "./format";
import { useColours } from "./hooks";
import type { Column, Points } from "./types";

const valueHeight = 190;
const scoreHeight = 74;
const scoreShown = 20; // larger scores are drawn here: one is as beyond doubt as the other

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function axes(unit: string, labels: boolean): uPlot.Axis[] {
  const shared = { stroke: colour("muted"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
  const font = "11px system-ui, sans-serif";
  return [
    {
      ...shared, font, show: labels, size: labels ? 26 : 0,
      values: (_, at) => at.map((second) => localTime(new Date(second * 1000)).replace(/^.*, /, "")),
    },
    {
      ...shared, font, size: 64,
      ...(unit === "score" ? { splits: () => [0, 10, 20], space: 10 } : {}),
      values: (_, at) => at.map((value) => (unit === "score" ? String(value) : amount(value, unit))),
    },
  ];
}

// Vertical lines at moments that matter: the onset, changes.
function markers(marks: number[]): uPlot.Plugin {
  return {
    hooks: {
      draw: (plot) => {
        const { ctx, bbox } = plot;
        ctx.save();
        ctx.strokeStyle = colour("accent");
        ctx.setLineDash([4, 4]);
        for (const mark of marks) {
          const x = Math.round(plot.valToPos(mark, "x", true));
          if (x < bbox.left || x > bbox.left + bbox.width) continue;
          ctx.beginPath();
          ctx.moveTo(x, bbox.top);
          ctx.lineTo(x, bbox.top + bbox.height);
          ctx.stroke();
        }
        ctx.restore();
      },
    },
  };
}

type Show = (at: number | null) => void;

function shared(width: number, height: number, labels: boolean, show: Show, marks: number[]): Omit<uPlot.Options, "series"> {
  return {
    width, height,
    padding: [8, 14, labels ? 0 : 8, 0],
    legend: { show: false },
    cursor: { sync: { key: "points" }, points: { size: 6 }, drag: { x: false, y: false } },
    plugins: [markers(marks)],
    hooks: { setCursor: [(plot) => show(plot.cursor.idx ?? null)] },
  };
}

function valuePlot(at: HTMLElement, points: Points, unit: string, width: number, show: Show, marks: number[]): uPlot {
  const band = { stroke: "transparent", width: 0, points: { show: false } };
  return new uPlot(
    {
      ...shared(width, valueHeight, true, show, marks),
      axes: axes(unit, true),
      series: [
        {},
        { ...band },
        { ...band },
        { stroke: colour("muted"), width: 1.5, dash: [5, 4], points: { show: false } },
        { stroke: colour("ink"), width: 2, points: { show: false } },
      ],
      bands: [{ series: [2, 1], fill: colour("band") }],
    },
    [points.times, points.low, points.high, points.expected, points.value],
    at,
  );
}

function scorePlot(at: HTMLElement, points: Points, width: number, show: Show, marks: number[]): uPlot {
  const score: Column = points.score.map((value) => (value === null ? null : Math.min(value, scoreShown)));
  return new uPlot(
    {
      ...shared(width, scoreHeight, false, show, marks),
      axes: axes("score", false),
      scales: { y: { range: (_, __, most) => [0, Math.max(10, most)] } },
      series: [
        {},
        { stroke: colour("alarm"), width: 1, dash: [2, 3], points: { show: false } },
        { stroke: colour("score"), width: 1.5, fill: colour("score-fill"), points: { show: false } },
      ],
    },
    [points.times, points.times.map(() => Math.min(points.score_to_alert, scoreShown)), score],
    at,
  );
}

function Readout({ points, unit, at }: { points: Points; unit: string; at: number | null }): JSX.Element {
  const i = at ?? points.times.length - 1;
  const score = points.score[i];
  const time = points.times[i];
  return (
    <p class="readout">
      {time !== undefined && <span class="readout-time">{localTime(new Date(time * 1000), true)}</span>}
      <span><span class="key key-seen" />seen <b>{amount(points.value[i], unit)}</b></span>
      <span><span class="key key-expected" />expected <b>{amount(points.expected[i], unit)}</b></span>
      <span><span class="key key-band" />band <b>{amount(points.low[i], unit)} to {amount(points.high[i], unit)}</b></span>
      <span><span class="key key-score" />score <b>{score === null || score === undefined ? "–" : score.toFixed(1)}</b></span>
    </p>
  );
}

function summaryOf(points: Points, unit: string, name: string): string {
  const i = points.times.length - 1;
  const odd = points.score.filter((score) => score !== null && score >= points.score_to_alert).length;
  return (
    `${name}: ${amount(points.value[i], unit)} seen last, ${amount(points.expected[i], unit)} expected, ` +
    `band ${amount(points.low[i], unit)} to ${amount(points.high[i], unit)}. ` +
    `${odd} of ${points.times.length} points are odd enough to alert.`
  );
}

interface PlotProps {
  points: Points;
  unit: string;
  name: string;
  marks?: number[]; // epoch seconds
}

const none: number[] = [];

export function Plot({ points, unit, name, marks = none }: PlotProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<number | null>(null);
  const colours = useColours();
  const markKey = marks.join();
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const width = (): number => Math.max(240, element.clientWidth);
    const plots = [
      valuePlot(element, points, unit, width(), setAt, marks),
      scorePlot(element, points, width(), setAt, marks),
    ];
    const fit = new ResizeObserver(() => plots.forEach((plot) => plot.setSize({ width: width(), height: plot.height })));
    fit.observe(element);
    return () => {
      fit.disconnect();
      plots.forEach((plot) => plot.destroy());
    };
  }, [points, unit, colours, markKey]);
  if (points.times.length < 2) {
    return <p class="note plot-none">No points of it are kept: plots reach back two hours, from when the engine started.</p>;
  }
  return (
    <figure class="plot">
      <Readout points={points} unit={unit} at={at} />
      <div ref={host} role="img" aria-label={summaryOf(points, unit, name)} />
      <figcaption class="note">
        Top: seen, and the band of 99 % expected. Bottom: score; {points.score_to_alert.toFixed(1)} and more may alert.
      </figcaption>
    </figure>
  );
}
