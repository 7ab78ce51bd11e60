import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { expect, it } from 'vitest';

interface Opened {
  readonly page: Page;
  /** Errors of the console, of scripts and of requests. */
  readonly complaints: string[];
  readonly close: () => Promise<void>;
}
type Open = (options: Parameters<Browser['newContext']>[0]) => Promise<Opened>;

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const electricity = 'da-bac-electricity';
const screens = [
  ['/', '#enterprises .value'],
  ['/alerts?state=all', 'table.list tbody tr'],
  ['/alerts/{alert}', '#alert-chart canvas'],
  ['/a#t=none', 'section.card button'],
  [`/explore?meters=${electricity}&indicators=da-bac~electricity-intensity`, '#explore-chart canvas'],
  [`/explore?meters=${electricity}&view=heat`, 'svg.heat rect'],
  [`/explore?meters=${electricity},da-bac-production&view=scatter&window=PT1H`, 'svg.scatter circle'],
  [`/explore?meters=${electricity}&view=table&window=P1D`, '.tall tbody tr'],
  ['/plant?enterprise=da-bac', '#feeds tbody tr'],
  ['/send', 'textarea'],
  ['/mend', 'h1'],
  ['/account', '[data-person]'],
] as const;

/** What people do on the screens, on the system of the samples. */
export function screenStories(open: Open, urlOf: () => string): void {
  it.each([
    ['vi-VN', 1280, 'light'],
    ['en-GB', 360, 'dark'],
    ['en-GB', 3840, 'light'],
  ] as const)(
    'shows every screen in %s at %i px, %s: nothing overflows, nobody complains',
    async (locale, width, colorScheme) => {
      const { page, complaints, close } = await open({
        locale,
        colorScheme,
        viewport: { width, height: 900 },
      });
      const alert = await anAlert(urlOf());
      for (const [path, shown] of screens) {
        await page.goto(urlOf() + path.replace('{alert}', encodeURIComponent(alert)));
        await page.locator(shown).first().waitFor();
        expect([path, await overflowPx(page)]).toEqual([path, 0]);
        expect([path, await violations(page)]).toEqual([path, []]);
      }
      expect(complaints).toEqual([]);
      await close();
    },
  );

  it('goes back to what was chosen, which stands in the address', async () => {
    const { page, complaints, close } = await open({ locale: 'en-GB' });
    await page.goto(`${urlOf()}/alerts?state=all`);
    await page.locator('table.list tbody tr a').first().click();
    await page.locator('#alert-chart canvas').waitFor();
    await page.goBack();
    await page.locator('table.list tbody tr').first().waitFor();
    expect(new URL(page.url()).search).toBe('?state=all');
    await page.goto(`${urlOf()}/no-such-page`);
    expect(complaints.filter((complaint) => !complaint.includes('404'))).toEqual([]);
    await close();
  });

  it('tells where a number comes from: inputs, revision, history', async () => {
    const { page, complaints, close } = await open({ locale: 'en-GB' });
    await page.goto(urlOf());
    await page.locator('.figure-button').first().click();
    const dialog = page.locator('dialog[open]');
    await dialog.locator('.history li').first().waitFor();
    expect(await dialog.innerText()).toMatch(/Input meters[\s\S]*revision 1/);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
    await close();
  });

  it('shows what was known at a time, says so loudly, and comes back to now', async () => {
    const { page, complaints, close } = await open({ locale: 'en-GB' });
    await page.goto(`${urlOf()}/alerts?state=all&asOf=2020-01-01T00:00:00.000Z`);
    await page.locator('.notice.past').waitFor();
    await page.locator('p.empty', { hasText: 'No alert matches' }).waitFor();
    await page.locator('.notice.past button').click();
    await page.locator('table.list tbody tr').first().waitFor();
    expect(new URL(page.url()).searchParams.has('asOf')).toBe(false);
    expect(complaints).toEqual([]);
    await close();
  });

  it('finds by Ctrl-K what is typed without accents', async () => {
    const { page, complaints, close } = await open({ locale: 'vi-VN' });
    await page.goto(urlOf());
    await page.locator('#enterprises .value').first().waitFor();
    await page.keyboard.press('Control+K');
    await page.locator('dialog input[type=search]').fill('cua bien');
    await page.locator('.found a', { hasText: 'Cửa Biển' }).first().waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  it('lets a plant’s engineer send a dropped file, look at it before, and mend what was refused', async () => {
    const { page, complaints, close } = await open({ locale: 'en-GB' });
    await stepIn(page, urlOf(), 'ky-su-mau');
    await page.goto(`${urlOf()}/send`);
    const lines = [
      'meter;time;value',
      'cua-bien-electricity;2020-01-01T00:00:00;10,5',
      'cua-bien-electricity;2020-01-01T00:15:00;12,5',
      'cua-bien-elektricity;2020-01-01T00:30:00;14,5',
      '',
    ];
    await drop(page, '.drop', 'đồng hồ.csv', lines.join('\r\n'));
    await page.locator('#preview-summary').waitFor();
    expect(await page.locator('#preview-summary').innerText()).toMatch(
      /2 rows taken, 1 refused, of 3[\s\S]*comma/,
    );
    expect(await page.locator('#preview tbody tr').first().innerText()).toMatch(
      /01\/01\/2020, 00:00\s+10\.5\s+kWh/,
    );
    await page.locator('#send').click();
    await page.locator('[data-fate=stored]', { hasText: '2 stored' }).waitFor();
    await page.locator('#receipt a').click();
    const group = page.locator('[data-code=meter_unknown]');
    await group.locator('input.raw').fill('cua-bien-electricity;2020-01-01T00:30:00;14,5');
    await group.getByRole('button', { name: 'Replay', exact: true }).click();
    await group.locator('.badge', { hasText: 'taken' }).waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  it('lets a plant see and reach nothing of another one', async () => {
    const { page, close } = await open({ locale: 'en-GB' });
    await stepIn(page, urlOf(), 'ky-su-mau');
    expect(await page.locator('#enterprises li').count()).toBe(1);
    await page.goto(`${urlOf()}/explore?meters=${electricity}`);
    await page.locator('.picker').waitFor();
    expect(await page.locator('body').innerText()).not.toMatch(/Silver Rock|Đá Bạc/);
    for (const path of [
      '/v1/meters/da-bac-electricity',
      '/v1/enterprises/da-bac',
      '/v1/persons',
      '/v1/keys',
    ]) {
      const status = await page.evaluate(`fetch('${path}').then(({ status }) => status)`);
      expect([path, [403, 404].includes(status as number)]).toEqual([path, true]);
    }
    await close();
  });

  it('lets an officer acknowledge, by name and with a note, and sign out', async () => {
    const { page, complaints, close } = await open({ locale: 'vi-VN' });
    await stepIn(page, urlOf(), 'can-bo-mau');
    const alert = await anAlert(urlOf(), 'open');
    await page.goto(`${urlOf()}/alerts/${encodeURIComponent(alert)}`);
    await page.locator('input[name=note]').fill('Đã gọi <b>nhà máy</b>');
    await page.getByRole('button', { name: 'Xác nhận' }).click();
    await page.locator('q', { hasText: 'Đã gọi <b>nhà máy</b>' }).waitFor();
    await page.goto(`${urlOf()}/account`);
    await page.getByRole('button', { name: 'Thoát' }).click();
    await page.locator('.step-in').waitFor();
    expect(await page.context().cookies()).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  });

  it('lets an officer take a case up and ask, and the plant that it concerns answer', async () => {
    const office = await open({ locale: 'en-GB' });
    await stepIn(office.page, urlOf(), 'can-bo-mau');
    await office.page.goto(`${urlOf()}/cases?view=all&enterprise=cua-bien`);
    await office.page.locator('table.list tbody tr a').first().click();
    const actions = office.page.locator('#case-actions');
    const act = async (step: string, text: string) => {
      await actions.locator('select').first().selectOption(step);
      await actions.locator('textarea[name=text]').fill(text);
      await actions.locator('button[type=submit]').click();
      await office.page.locator('#timeline q', { hasText: text }).waitFor();
    };
    await act('asked', 'Which <b>furnace</b>?');
    expect(await overflowPx(office.page)).toBe(0);
    expect(await violations(office.page)).toEqual([]);

    const plant = await open({ locale: 'vi-VN' });
    await stepIn(plant.page, urlOf(), 'ky-su-mau');
    await plant.page.goto(office.page.url());
    await plant.page.locator('#case-actions textarea[name=text]').fill('Lò số 1, đã dừng.');
    await plant.page.locator('#case-actions button[type=submit]').click();
    await plant.page.locator('#timeline q', { hasText: 'Lò số 1' }).waitFor();
    await plant.close();

    await office.page.reload();
    await office.page.locator('#timeline q', { hasText: 'Lò số 1' }).waitFor();
    await act('closed', 'Explained.');
    expect(office.complaints).toEqual([]);
    await office.close();
  });

  it('changes nothing by the link of a message before its button is pressed', async () => {
    const { page, close } = await open({ locale: 'vi-VN' });
    const posts: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET') posts.push(request.url());
    });
    await page.goto(`${urlOf()}/a#t=not-a-token`);
    const button = page.getByRole('button', { name: 'Nhận xử lý' });
    await button.waitFor();
    expect(posts).toEqual([]);
    await button.click();
    await page.locator('main .notice', { hasText: 'liên kết' }).waitFor();
    expect(posts).toEqual([`${urlOf()}/v1/acknowledge`]);
    await close();
  });

  it('shows stored markup as text, wherever it stands', async () => {
    const { page, complaints, close } = await open({ locale: 'en-GB' });
    await stepIn(page, urlOf(), 'quan-tri-mau');
    const markup = '<img src=x onerror=alert(1)><script>document.title="x"</script>';
    const put = (path: string, body: object) =>
      page.evaluate(
        ([address, text]) =>
          fetch(address!, {
            method: 'PUT',
            headers: { 'content-type': 'application/json', 'if-none-match': '*' },
            body: text!,
          }).then(({ status }) => status),
        [path, JSON.stringify(body)],
      );
    expect(await put('/v1/enterprises/markup', { name: markup, nameEn: markup, sector: '2394' })).toBe(201);
    expect(await put('/v1/sites/markup', { enterprise: 'markup', name: markup })).toBe(201);
    const meter = {
      site: 'markup',
      name: markup,
      quantity: 'electricity',
      kind: 'interval',
      unit: 'kWh',
      intervalMs: 900_000,
    };
    expect(await put('/v1/meters/markup', meter)).toBe(201);
    for (const path of [
      '/?enterprise=markup',
      '/explore?meters=markup&enterprise=markup',
      '/plant?enterprise=markup',
    ]) {
      await page.goto(urlOf() + path);
      await page.locator('main', { hasText: '<img src=x onerror=alert(1)>' }).waitFor();
      expect(await page.locator('img[src=x]').count()).toBe(0);
      expect(await page.title()).not.toBe('x');
    }
    expect(complaints).toEqual([]);
    await close();
  });
}

async function stepIn(page: Page, url: string, person: string): Promise<void> {
  await page.goto(`${url}/account`);
  await page.locator(`[data-person=${person}]`).click();
  await page.locator('#enterprises .value').first().waitFor();
}

/** Drops a file as a hand does. */
async function drop(page: Page, target: string, name: string, text: string): Promise<void> {
  const transfer = await page.evaluateHandle(`(() => {
    const data = new DataTransfer();
    data.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}));
    return data;
  })()`);
  await page.dispatchEvent(target, 'dragover', { dataTransfer: transfer });
  await page.dispatchEvent(target, 'drop', { dataTransfer: transfer });
}

async function anAlert(url: string, state = 'open,acknowledged,resolved'): Promise<string> {
  const answer = await fetch(`${url}/v1/alerts?limit=1&state=${state}`);
  const { items } = (await answer.json()) as { items: { id: string }[] };
  return items[0]!.id;
}

function overflowPx(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** What axe finds by the rules of WCAG 2.2 A and AA. By the protocol: the policy lets no script in. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(`axe
    .run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`);
}
