// A browser that writes down whatever a page complains of, and whatever it asks of others.
// Refuses to know any page.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

const packages = createRequire(`${process.env.PLUMB_BROWSER_PACKAGES}/any`);
const { chromium } = packages("playwright-core");
const AXE = readFileSync(packages.resolve("axe-core/axe.min.js"), "utf8");

export const WIDTHS = [1280, 360];
export const SCHEMES = ["light", "dark"];

// What can differ between schemes: all else is the same page.
const OF_COLOURS = ["color-contrast", "link-in-text-block"];

// What went wrong. Everything is looked at before any of it is told.
const complaints = [];

export function complain(where, what) {
  complaints.push(`${where}: ${what}`);
}

export function expect(is, where, what) {
  if (!is) complain(where, what);
}

// Runs what drives a browser, then tells what went wrong.
export async function driven(drive) {
  const browser = await chromium.launch({ executablePath: program() });
  // What hangs a browser must not hang the tests. It takes seconds otherwise.
  const hanging = setTimeout(() => {
    console.error("the browser hangs");
    process.exit(1);
  }, 300_000);
  try {
    await drive(browser);
  } catch (error) {
    complain("script", error.stack);
  } finally {
    await browser.close();
    clearTimeout(hanging);
  }
  for (const complaint of complaints) console.error(complaint);
  process.exitCode = complaints.length ? 1 : 0;
}

function program() {
  const folders = process.env.PATH.split(":");
  return folders.map((folder) => `${folder}/chromium`).find(existsSync) ?? "/usr/bin/chromium";
}

// A page in a context of its own that may ask nobody but `base`. Statuses in `taken` are no error.
export async function opened(browser, base, { taken = [], ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    // Pages scroll at once then, so that what has the focus is where it will be.
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  watched(page, base, taken);
  if (options.javaScriptEnabled !== false) await watchedPolicy(context, page);
  return page;
}

function watched(page, base, taken) {
  page.on("console", (message) => {
    const isTaken = taken.some((status) => message.text().includes(`status of ${status} `));
    if (["error", "warning"].includes(message.type()) && !isTaken) {
      complain(page.url(), `console: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => complain(page.url(), `error: ${error.message}`));
  page.on("dialog", (dialog) => {
    complain(page.url(), `dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  page.on("request", (request) => {
    const isOurs = request.url().startsWith(base) || request.url().startsWith("data:");
    expect(isOurs, page.url(), `asks ${request.url().slice(0, 200)}`);
  });
}

async function watchedPolicy(context, page) {
  await context.exposeFunction("plumbRefused", (what) => complain(page.url(), `policy: ${what}`));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      window.plumbRefused(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
}

// How far the page is wider than its window.
export async function overflow(page, where) {
  const [by, of] = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const scrolls = (one) => !!one && (one !== document.documentElement
      && getComputedStyle(one).overflowX !== "visible" || scrolls(one.parentElement));
    const wide = [...document.body.querySelectorAll("*")]
      .filter((one) => one.getBoundingClientRect().right > width + 1 && !scrolls(one));
    return [document.documentElement.scrollWidth - width, wide.at(-1)?.outerHTML.slice(0, 200)];
  });
  expect(by <= 0, where, `${by} px too wide: ${of}`);
}

// What people with other senses and tools would trip over.
export async function accessible(page, where, rules) {
  if (!(await page.evaluate(() => !!window.axe))) await page.evaluate(AXE);
  const found = await page.evaluate(async (rules) => {
    const options = { resultTypes: ["violations"], ...(rules && { runOnly: rules }) };
    const { violations } = await window.axe.run(document, options);
    return violations.map(({ id, nodes }) =>
      `${id} ×${nodes.length}: ${nodes[0].html.slice(0, 200)} ${nodes[0].failureSummary}`);
  }, rules);
  for (const one of found) complain(where, `axe: ${one}`);
}

// Every width in every scheme: nothing sticks out, nothing is too pale.
export async function everywhere(page, where) {
  for (const scheme of SCHEMES) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      const here = `${where} (${scheme}, ${width} px)`;
      await overflow(page, here);
      await accessible(page, here, scheme === SCHEMES[0] ? undefined : OF_COLOURS);
    }
  }
}
