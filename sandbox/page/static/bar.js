// The top bar: clock, injected faults, people and page settings.
import { post, Refused } from "./api.js";
import { h, icon } from "./dom.js";
import { ask, field, notice, openMenu } from "./menus.js";
import { nameOf } from "./people.js";
import { botIsAwake, now, stopReplay, world } from "./store.js";
import { exactTime, shortDay } from "./time.js";
import { setLanguage, language, t } from "./words.js";

/** A control call that shows its error at the foot of the page. */
export async function control(path, body) {
  try {
    return await post(path, body);
  } catch (error) {
    notice(error instanceof Refused ? t("failed", { why: error.message }) : t("offline"));
    return null;
  }
}

export class Bar {
  /** `hooks`: {rebuild(), addPhone(), canAddPhone(), replay(), showPerson(id)}. */
  constructor(node, hooks) {
    this.node = node;
    this.hooks = hooks;
    this.build();
  }

  build() {
    this.day = h("span", { class: "clock-day" });
    this.time = h("time", { class: "clock-time figures" });
    const jump = (id, key, seconds) => h("button", { type: "button", id, text: t(key), onclick: () => control("/control/clock", { advance_s: seconds }) });
    this.down = h("input", { type: "checkbox", role: "switch", id: "server-down", onchange: () => this.toggleDown() });
    this.state = h("span", { class: "bot-state", role: "status" });
    this.stop = h("button", { type: "button", id: "stop-replay", hidden: true, text: t("stop"), onclick: stopReplay });
    this.node.replaceChildren(
      h("div", { class: "brand" }, h("img", { src: "/static/icon.svg", alt: "", width: "26", height: "26" }), h("h1", {}, t("brand"), " ", h("small", { text: t("sandbox") }))),
      h(
        "div",
        { class: "clock", role: "group", "aria-label": t("townClock") },
        h("span", { class: "clock-face" }, this.day, this.time),
        jump("plus-hour", "plusHour", 3600),
        jump("plus-day", "plusDay", 86400),
      ),
      this.state,
      this.stop,
      h(
        "div",
        { class: "tools" },
        h("label", { class: "switch", title: t("serverDown") }, this.down, h("span", { class: "switch-track", "aria-hidden": "true" }), h("span", { class: "switch-words", text: t("serverDown") })),
        h("button", { type: "button", class: "wide-only", id: "add-person", onclick: () => this.addPerson() }, icon("addperson"), h("span", { text: t("addPerson") })),
        h("button", { type: "button", class: "icon-button", id: "more", "aria-label": t("more"), title: t("more"), "aria-haspopup": "menu", onclick: (event) => this.more(event.currentTarget) }, icon("dots")),
        h("button", { type: "button", class: "icon-button", id: "theme", "aria-label": t("theme"), title: t("theme"), onclick: () => this.toggleTheme() }, icon("sun"), icon("moon")),
        h("button", { type: "button", class: "language", id: "language", lang: language() === "en" ? "zh-CN" : "en", title: t("switchLanguage"), "aria-label": `${t("otherLanguage")} · ${t("switchLanguage")}`, text: t("otherLanguage"), onclick: () => this.switchLanguage() }),
      ),
    );
    document.title = t("page");
    this.update();
  }

  update() {
    this.down.checked = world.down;
    this.tick();
  }

  tick() {
    if (!world.ready) return;
    const at = now();
    this.day.textContent = shortDay(at);
    this.time.textContent = exactTime(at);
    this.time.dateTime = new Date(at * 1000).toISOString();
    const [kind, words] = !world.connected
      ? ["lost", t("reconnecting")]
      : world.replaying
        ? ["replay", t("replaying")]
        : world.down
        ? ["cut", t("botCut")]
        : botIsAwake()
          ? ["awake", t("botAwake")]
          : ["asleep", t("botAsleep")];
    const text = world.pending > (kind === "awake" ? 4 : 0) && kind !== "lost" ? `${words} · ${t("waiting", { n: world.pending })}` : words;
    if (this.state.textContent !== text) this.state.textContent = text;
    this.state.dataset.kind = kind;
    this.stop.hidden = !world.replaying;
  }

  async toggleDown() {
    const done = await control("/control/faults", { down: this.down.checked });
    if (!done) this.down.checked = world.down;
  }

  toggleTheme() {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      // not remembered
    }
  }

  switchLanguage() {
    setLanguage(language() === "en" ? "zh" : "en");
    this.hooks.rebuild();
    this.node.querySelector("#language").focus();
  }

  more(anchor) {
    openMenu(
      anchor,
      [
        { icon: "addperson", text: t("addPerson"), run: () => this.addPerson() },
        { icon: "group", text: t("addGroup"), run: () => this.addGroup() },
        this.hooks.canAddPhone() ? { icon: "phone", text: t("addPhone"), run: () => this.hooks.addPhone() } : null,
        { icon: "replay", text: t("replay"), hint: t("replayHint"), run: () => this.hooks.replay() },
        { icon: "moon", text: t("theme"), run: () => this.toggleTheme() },
        { icon: "trash", text: t("reset"), danger: true, run: () => this.reset() },
      ],
      t("more"),
    );
  }

  async reset() {
    const sure = await ask({ title: t("reset").replace("…", ""), action: t("empty"), danger: true, body: [h("p", { text: t("resetSure") })] });
    if (sure) await control("/control/reset", {});
  }

  async addPerson() {
    const input = (attributes = {}) => h("input", { type: "text", autocomplete: "off", ...attributes });
    const first = input({ required: true, autofocus: true });
    const title = input();
    const phone = input({ type: "tel" });
    const tongue = h("select", {}, h("option", { value: "zh-hans", text: "中文" }), h("option", { value: "en", text: "English" }));
    tongue.value = language() === "en" ? "en" : "zh-hans";
    const groups = [...world.groups.values()].filter((group) => group.migrated_to === null);
    const boxes = groups.map((group) => h("label", { class: "choice" }, h("input", { type: "checkbox", value: group.chat.id }), h("span", { text: group.chat.title })));
    const show = h("input", { type: "checkbox", checked: true });
    const made = await ask({
      title: t("personTitle"),
      action: t("add"),
      body: [
        field(t("firstName"), first),
        h("div", { class: "two" }, field(t("titleField"), title), field(t("languageField"), tongue)),
        field(t("phoneField"), phone),
        groups.length ? h("fieldset", { class: "choices" }, h("legend", { text: t("inGroups") }), boxes) : null,
        h("label", { class: "choice" }, show, h("span", { text: t("showPerson") })),
      ],
      async collect() {
        const body = { first_name: first.value.trim(), language_code: tongue.value, title: title.value.trim(), phone: phone.value.trim() };
        const user = await post("/control/users", body);
        for (const box of boxes.map((label) => label.firstElementChild)) {
          if (box.checked) await post(`/control/groups/${box.value}/members`, { user: user.id, action: "join" });
        }
        return user;
      },
    });
    if (made && show.checked) this.hooks.showPerson(made.id);
  }

  async addGroup() {
    const title = h("input", { type: "text", autocomplete: "off", autofocus: true });
    const boxes = [...world.users.values()].map((user) =>
      h("label", { class: "choice" }, h("input", { type: "checkbox", value: user.id }), h("span", { text: user.title ? `${nameOf(user)} · ${user.title}` : nameOf(user) })),
    );
    const admin = h("input", { type: "checkbox" });
    await ask({
      title: t("groupTitle"),
      action: t("make"),
      body: [
        field(t("groupName"), title),
        h("fieldset", { class: "choices tall" }, h("legend", { text: t("members") }), boxes),
        h("label", { class: "choice" }, admin, h("span", { text: t("botAdmin") })),
      ],
      collect() {
        const members = boxes.map((label) => label.firstElementChild).filter((box) => box.checked).map((box) => Number(box.value));
        if (members.length === 0) throw new Error(t("needMembers"));
        return post("/control/groups", { title: title.value.trim(), type: "supergroup", members, admins: [members[0]], bot_is_admin: admin.checked });
      },
    });
  }
}
