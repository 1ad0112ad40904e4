// The town's time: Asia/Shanghai, whatever the visitor's zone.
import { language } from "./words.js";

const ZONE = "Asia/Shanghai";
const made = new Map();

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

/** 6月12日星期四; with the year when it is not this one. */
export function dayName(seconds, now) {
  const year = (at) => new Date((at + 8 * 3600) * 1000).getUTCFullYear();
  const options = { month: language() === "en" ? "short" : "long", day: "numeric", weekday: language() === "en" ? "short" : "long" };
  if (year(seconds) !== year(now)) return format("dayyear", { ...options, year: "numeric" }).format(seconds * 1000);
  return format("day", options).format(seconds * 1000);
}

/** 6月12日 周四 for the bar. */
export const shortDay = (seconds) =>
  format("short", { month: language() === "en" ? "short" : "long", day: "numeric", weekday: "short" }).format(seconds * 1000);

/** 0:05 */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
