import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { screenStories } from './screen-stories.ts';
import { until } from '../../../test/support/until.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = [process.env.CHROMIUM_PATH ?? '', ...places].find((place) => existsSync(place));
const isRequired = (process.env.REQUIRE_ADAPTERS ?? '').split(',').some((name) => name.trim() === 'browser');
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const reason = 'no chromium at CHROMIUM_PATH or in /usr/bin';
if (executablePath === undefined && isRequired)
  throw new Error(`${reason}, and REQUIRE_ADAPTERS asks for one`);

describe.skipIf(executablePath === undefined)(
  executablePath === undefined ? `the page in a browser, skipped: ${reason}` : 'the page in a browser',
  () => {
    let dataDir: string;
    let system: ChildProcess;
    let browser: Browser;
    let url: string;
    /** How many services the status names. */
    let services: number;

    beforeAll(async () => {
      dataDir = await mkdtemp(join(tmpdir(), 'songma-page-'));
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      system = spawn(process.execPath, [join(import.meta.dirname, '../../standalone/src/main.ts')], {
        env: { ...process.env, SONGMA_DATA: dataDir, HOST: '127.0.0.1', PORT: String(port) },
      });
      await printed(system, 'Now live');
      await untilComputed(url);
      const status = (await (await fetch(`${url}/v1/status`)).json()) as { services: unknown[] };
      services = status.services.length;
      browser = await chromium.launch({ executablePath: executablePath!, args });
    });

    afterAll(async () => {
      await browser?.close();
      if (system !== undefined && system.exitCode === null) {
        const ended = new Promise((resolve) => system.once('exit', resolve));
        system.kill('SIGTERM');
        await ended;
      }
      await rm(dataDir, { recursive: true, force: true });
    });

    /**
     * Opens a page in a context of its own; `complaints` gathers errors of its console, its scripts and its requests.
     */
    async function open(options: Parameters<Browser['newContext']>[0]) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('response', (response) => {
        if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
      });
      return { page, complaints, close: () => context.close() };
    }

    it.each([
      ['vi-VN', 1280, 'light', 'Doanh nghiệp', 'Cảnh báo đang mở'],
      ['vi-VN', 360, 'dark', 'Doanh nghiệp', 'Cảnh báo đang mở'],
      ['en-GB', 1280, 'dark', 'Enterprises', 'Open alerts'],
      ['en-GB', 360, 'light', 'Enterprises', 'Open alerts'],
    ] as const)(
      'shows in %s at %i px, %s, what the plants sent, without a complaint and without overflow',
      async (locale, width, colorScheme, enterprises, alerts) => {
        const { page, complaints, close } = await open({
          locale,
          colorScheme,
          viewport: { width, height: 900 },
        });
        await page.goto(url);
        await page.locator('#chart-canvas canvas').waitFor();
        expect(await page.locator('html').getAttribute('lang')).toBe(locale.slice(0, 2));
        expect(await page.locator('#enterprises-title').innerText()).toBe(enterprises);
        expect(await page.locator('#alerts-title').innerText()).toContain(alerts);
        await page.locator('#enterprises .value').nth(5).waitFor();
        expect(await page.locator('#enterprises li').count()).toBe(6);
        expect(await page.locator('#enterprises .value').count()).toBe(6);
        expect(await page.locator('#status .services li').count()).toBe(services);
        expect(await page.locator('#status .services .down').count()).toBe(0);
        expect(await overflowPx(page)).toBe(0);
        expect(complaints).toEqual([]);
        await close();
      },
    );

    it('changes its language at once and keeps it for the next visit', async () => {
      const { page, complaints, close } = await open({ locale: 'vi-VN' });
      await page.goto(url);
      await page.locator('#enterprises li').first().waitFor();
      await page.locator('[data-language=en]').click();
      expect(await page.locator('#enterprises-title').innerText()).toBe('Enterprises');
      await page.reload();
      await page.locator('#enterprises li').first().waitFor();
      expect(await page.locator('#enterprises-title').innerText()).toBe('Enterprises');
      expect(complaints).toEqual([]);
      await close();
    });

    it('shows the hours as a table, of the meter and the span that are chosen', async () => {
      const { page, complaints, close } = await open({ locale: 'en-GB' });
      await page.goto(url);
      await page.locator('#chart-canvas canvas').waitFor();
      await page.locator('#chart-spans button').first().click();
      await page.locator('#chart-enterprise').selectOption({ index: 1 });
      await page.locator('summary').click();
      const rows = page.locator('#chart-table tbody tr');
      await rows.first().waitFor();
      expect(await rows.count()).toBeGreaterThan(6);
      expect(complaints).toEqual([]);
      await close();
    });

    screenStories(open, () => url);

    it('has the API tried out at /docs', async () => {
      const { page, complaints, close } = await open({ locale: 'en-GB' });
      await page.goto(`${url}/docs`);
      const status = page.locator('.opblock', { hasText: '/v1/status' });
      await status.locator('.opblock-summary').click();
      await status.locator('button.execute').click();
      await status.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor();
      expect(complaints).toEqual([]);
      await close();
    });
  },
);

function overflowPx(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** Waits until everything that was pushed is stored and computed. */
async function untilComputed(url: string): Promise<void> {
  await until('an empty backlog', async () => {
    const status = (await (await fetch(`${url}/v1/status`)).json()) as { lag: number; due: number };
    return status.lag === 0 && status.due === 0 ? true : undefined;
  });
}

/** Resolves when the process has printed `text`. @throws Error when it ends before, with what it printed */
function printed(child: ChildProcess, text: string): Promise<void> {
  let output = '';
  return new Promise((resolve, reject) => {
    const take = (piece: Buffer) => {
      output += piece.toString();
      if (output.includes(text)) resolve();
    };
    child.stdout!.on('data', take);
    child.stderr!.on('data', take);
    child.once('exit', () => reject(new Error(`ended without "${text}":\n${output}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
