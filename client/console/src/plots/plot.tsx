// One plot over time, drawn by uPlot, with the same numbers as a table for whoever cannot see or hover it.
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { isDark } from '../ui/theme';

export interface Line {
  title: string;
  // The name of a colour of the style sheet, without its dashes.
  colour: string;
  // One value for each time; null where there is none.
  values: (number | null)[];
  // Filled down to the axis, for parts of a whole.
  filled?: boolean;
  bars?: boolean;
}

interface Props {
  title: string;
  // In seconds, growing.
  times: number[];
  lines: Line[];
  format: (value: number) => string;
  range: [number, number];
  onClick?: (index: number) => void;
}

const HEIGHT = 150;
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockWithSeconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

// In 24 hours, and with the day where the ticks are that far apart.
function timeLabel(seconds: number, step: number): string {
  const date = new Date(seconds * 1000);
  const atMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  return step >= 86_400 || (atMidnight && step >= 3_600) ? day.format(date) : step < 60 ? clockWithSeconds.format(date) : clock.format(date);
}

export function Plot({ title, times, lines, format, range, onClick }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const click = useRef(onClick);
  click.current = onClick;
  const dark = isDark();
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    // Colours as the browser reads them: canvases know no `light-dark()`.
    const resolved = (name: string): string => {
      element.style.color = `var(--${name})`;
      const colour = getComputedStyle(element).color;
      element.style.color = '';
      return colour;
    };
    const axis = { stroke: resolved('quiet'), grid: { stroke: resolved('line'), width: 1 }, ticks: { stroke: resolved('line'), width: 1 }, font: '11px system-ui, sans-serif' };
    const draw = (Plotter: typeof uPlot): (() => void) => {
      const plot = new Plotter({
        width: Math.max(200, element.clientWidth), height: HEIGHT,
        scales: { x: { min: range[0], max: range[1] }, y: { range: (_, min, max) => [Math.min(0, min ?? 0), (max ?? 0) > 0 ? (max as number) * 1.1 : 1] } },
        axes: [{ ...axis, space: 76, values: (_, ticks, _axis, _space, step) => ticks.map((tick) => timeLabel(tick, step)) }, { ...axis, size: 62, values: (_, ticks) => ticks.map((tick) => format(tick)) }],
        series: [
          { label: 'Time', value: (_, time) => (time === null ? '–' : new Date(time * 1000).toLocaleString('en-GB')) },
          ...lines.map((line) => {
            const stroke = resolved(line.colour);
            return {
              label: line.title, stroke, width: line.bars ? 0 : 1.5, spanGaps: !line.bars,
              ...(line.filled || line.bars ? { fill: stroke } : {}),
              ...(line.bars && Plotter.paths.bars ? { paths: Plotter.paths.bars({ size: [0.8, 24, 2] }), points: { show: false } } : { points: { size: 4, fill: stroke } }),
              value: (_: uPlot, value: number | null) => (value === null || value === undefined ? '–' : format(value)),
            } satisfies uPlot.Series;
          }),
        ],
        legend: { live: true },
        cursor: { y: false, drag: { x: false, y: false } },
      }, [times, ...lines.map(({ values }) => values)] as uPlot.AlignedData, element);
      const onPlotClick = (): void => {
        if (plot.cursor.idx !== null && plot.cursor.idx !== undefined) click.current?.(plot.cursor.idx);
      };
      plot.over.addEventListener('click', onPlotClick);
      const resize = new ResizeObserver(() => plot.setSize({ width: Math.max(200, element.clientWidth), height: HEIGHT }));
      resize.observe(element);
      return () => {
        resize.disconnect();
        plot.destroy();
      };
    };
    // Loaded with the first plot: most pages have none.
    let undraw: (() => void) | undefined;
    let gone = false;
    void import('uplot').then(({ default: Plotter }) => {
      if (!gone) undraw = draw(Plotter);
    }).catch(() => {
      // The service is away, which the page says anyway; the next numbers try again.
    });
    return () => {
      gone = true;
      undraw?.();
    };
  }, [times, lines, dark, range[0], range[1]]);
  return (
    <figure class="plot">
      <figcaption>{title}</figcaption>
      <div ref={place} role="img" aria-label={`${title}; the table below has the numbers`} class={onClick ? 'opens' : ''} />
    </figure>
  );
}
