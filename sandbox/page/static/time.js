// The town's time: Asia/Shanghai, whatever the visitor's zone.
import { language } from "./words.js";

const ZONE = "Asia/Shanghai";
const MONTH = { zh: "long", en: "short" };
const made = new Map();

const joined = (weekday, date) => (language() === "en" ? `${weekday} ${date}` : `${date} ${weekday}`);

function format(name, options) {
  const key = `${language()}:${name}`;
  if (!made.has(key)) {
    const locale = language() === "en" ? "en-GB" : "zh-CN";
    made.set(key, new Intl.DateTimeFormat(locale, { timeZone: ZONE, ...options }));
  }
  return made.get(key);
}

/** 14:05 */
export const clockTime = (seconds) =>
  format("time", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(seconds * 1000);

/** 14:05:33 */
export const exactTime = (seconds) =>
  format("exact", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(seconds * 1000);

/** A key that is the same all day in the town. */
export const dayKey = (seconds) => Math.floor((seconds + 8 * 3600) / 86400);

/** 6月12日 星期四; with the year when it is not this one. */
export function dayName(seconds, now) {
  const year = (at) => new Date((at + 8 * 3600) * 1000).getUTCFullYear();
  const same = year(seconds) === year(now);
  const date = format(same ? "date" : "dateyear", { month: MONTH[language()], day: "numeric", ...(same ? {} : { year: "numeric" }) });
  return joined(format("weekday", { weekday: language() === "en" ? "short" : "long" }).format(seconds * 1000), date.format(seconds * 1000));
}

/** 6月12日 周四 for the bar. */
export const shortDay = (seconds) =>
  joined(
    format("weekdayshort", { weekday: "short" }).format(seconds * 1000),
    format("date", { month: MONTH[language()], day: "numeric" }).format(seconds * 1000),
  );

/** 0:05 */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
