import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { keepAs } from '../api/client.ts';
import { currentLanguage } from '../state/language.ts';

export interface ChartLine {
  readonly label: string;
  readonly unit: string;
  /** As long as the times; null where nothing is known. */
  readonly values: readonly (number | null)[];
  readonly shape: 'line' | 'bars' | 'steps';
  readonly isLimit?: boolean;
  /** What is told beside a value when it is pointed at. */
  readonly note?: (index: number) => string;
}

/** A ground behind the lines, in seconds since 1970. */
export interface ChartBand {
  readonly from: number;
  readonly to: number;
  readonly kind: 'missing' | 'beyond';
  /** 0 to 1. */
  readonly strength: number;
}

export interface TimeChartProps {
  readonly id?: string;
  /** What is seen, in words: for those who do not see it. */
  readonly label: string;
  readonly timeLabel: string;
  readonly timeZone: string;
  /** Seconds since 1970, ascending. */
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly bands?: readonly ChartBand[];
  readonly heightPx?: number;
  readonly isFromZero?: boolean;
  readonly syncKey?: string;
}

const darkness = matchMedia('(prefers-color-scheme: dark)');

/** Lines and bars over time. Drawn anew when its data, the language or the theme change, fitted when its width does. */
export function TimeChart(props: TimeChartProps) {
  const target = useRef<HTMLDivElement>(null);
  const language = currentLanguage();
  useEffect(() => {
    const element = target.current!;
    let plot: uPlot | undefined;
    let hasLeft = false;
    const draw = async () => {
      const { plotInto } = await import('./time-plot.ts');
      if (hasLeft) return;
      plot?.destroy();
      plot = plotInto(element, props);
    };
    const fit = new ResizeObserver(() => {
      if (plot !== undefined && element.clientWidth > 0 && element.clientWidth !== plot.width)
        plot.setSize({ width: element.clientWidth, height: plot.height });
    });
    const redraw = () => void draw();
    void draw();
    fit.observe(element);
    darkness.addEventListener('change', redraw);
    return () => {
      hasLeft = true;
      fit.disconnect();
      darkness.removeEventListener('change', redraw);
      plot?.destroy();
    };
  }, [props.times, props.lines, props.bands, language]);
  return (
    <div
      ref={target}
      class="plot"
      role="img"
      aria-label={props.label}
      style={{ minHeight: `${props.heightPx ?? 300}px` }}
      {...(props.id === undefined ? {} : { id: props.id })}
    />
  );
}

/** The picture of the chart in `element`, on the ground of the page, for the reader to keep. */
export function savePicture(element: ParentNode | null, name: string): void {
  const canvas = element?.querySelector('canvas');
  if (canvas === null || canvas === undefined) return;
  const picture = document.createElement('canvas');
  picture.width = canvas.width;
  picture.height = canvas.height;
  const context = picture.getContext('2d')!;
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--card').trim();
  context.fillRect(0, 0, picture.width, picture.height);
  context.drawImage(canvas, 0, 0);
  picture.toBlob((blob) => {
    if (blob !== null) keepAs(blob, `${name}.png`);
  });
}
