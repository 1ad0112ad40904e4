// The input area: text, attachments, the reply keyboard, the bot's menu, START.
import { h, icon } from "./dom.js";
import { ask, field, openMenu } from "./menus.js";
import { commandsFor } from "./people.js";
import { fileData, photoData, scene, sceneData, scenes, soundLength } from "./pictures.js";
import { askPlace } from "./place.js";
import { entries, messageOf, world } from "./store.js";
import { summary } from "./text.js";
import { t } from "./words.js";

const LONGEST = 4096;
const FIVE_SECONDS = 44 + 5 * 8000; // the sandbox's silent WAV: 8,000 bytes per second

/** Cut a long text as a phone does, at line ends where possible. */
function pieces(text) {
  const cut = [];
  let rest = text;
  while (rest.length > LONGEST) {
    const line = rest.lastIndexOf("\n", LONGEST);
    let at = line > LONGEST / 2 ? line : LONGEST;
    if (/[\uD800-\uDBFF]/.test(rest[at - 1])) at -= 1;
    cut.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return [...cut, rest].filter((piece) => piece.trim());
}

/** Choose files of a kind; empty if cancelled. */
function choose(accept, multiple = false) {
  return new Promise((resolve) => {
    const input = h("input", { type: "file", accept, multiple });
    input.addEventListener("change", () => resolve([...input.files]));
    input.addEventListener("cancel", () => resolve([]));
    input.click();
  });
}

export class Composer {
  constructor(phone) {
    this.phone = phone;
    this.mode = null; // {kind: "reply" | "edit", id}
    this.keysHidden = new Set(); // message ids whose keyboard was put away
    this.busy = false;
    this.text = h("textarea", {
      class: "composer-text",
      rows: "1",
      dir: "auto",
      "aria-label": t("write"),
      placeholder: t("write"),
      enterkeyhint: "send",
      oninput: () => this.grow(),
      onkeydown: (event) => this.typed(event),
      onpaste: (event) => this.pasted(event),
    });
    this.send = h("button", { type: "button", class: "send", "aria-label": t("send"), disabled: true, onclick: () => this.submit() }, icon("send"));
    this.clip = h("button", { type: "button", class: "icon-button attach", "aria-label": t("attach"), "aria-haspopup": "menu", onclick: () => this.attach() }, icon("clip"));
    this.menu = h("button", { type: "button", class: "icon-button bot-menu", "aria-label": t("botMenu"), title: t("botMenu"), "aria-haspopup": "menu", onclick: () => this.commands() }, icon("list"));
    this.keysButton = h("button", { type: "button", class: "icon-button keys-toggle", "aria-label": t("keyboard"), onclick: () => this.toggleKeys() }, icon("keys"));
    this.banner = h("div", { class: "composer-banner", hidden: true });
    this.keys = h("div", { class: "reply-keyboard", hidden: true, role: "group", "aria-label": t("keyboard") });
    this.row = h("div", { class: "composer-row" }, this.menu, this.clip, h("div", { class: "composer-field" }, this.text, this.keysButton), this.send);
    this.start = h("div", { class: "start-row", hidden: true });
    this.node = h("div", { class: "composer" }, this.banner, this.row, this.start, this.keys);
  }

  get value() {
    return this.text.value;
  }

  set value(text) {
    this.text.value = text;
    this.grow();
  }

  grow() {
    this.text.style.height = "auto";
    const { scrollHeight } = this.text; // nothing while the phone is not shown
    this.text.style.height = scrollHeight ? `${Math.min(scrollHeight, 128)}px` : "";
    this.send.disabled = !this.text.value.trim();
    this.send.classList.toggle("ready", !this.send.disabled);
  }

  typed(event) {
    if (event.key === "Escape" && this.mode) {
      this.setMode(null);
      return;
    }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (files.length === 0) return;
    event.preventDefault();
    this.photos(files);
  }

  async submit() {
    const { phone, mode } = this;
    const text = this.text.value;
    if (!text.trim() || this.busy) return;
    this.busy = true;
    try {
      let done;
      if (mode?.kind === "edit") {
        done = await phone.call("/control/edits", { message_id: mode.id, text });
      } else {
        for (const [i, piece] of pieces(text).entries()) {
          done = await phone.say({ text: piece, ...(i === 0 && mode ? { reply_to: mode.id } : {}) });
          if (!done) break;
        }
      }
      if (done && this.text.value === text) this.value = "";
      if (done && this.mode === mode) this.setMode(null);
    } finally {
      this.busy = false;
    }
  }

  /** Reply to or edit a message; null for neither. */
  setMode(mode) {
    const leaving = this.mode?.kind === "edit" && mode?.kind !== "edit";
    this.mode = mode;
    const message = mode && messageOf(this.phone.chat, mode.id);
    if (mode && !message) {
      this.mode = null;
      mode = null;
    }
    this.banner.hidden = !mode;
    if (leaving) this.value = "";
    if (!mode) return;
    if (mode.kind === "edit") this.value = message.text ?? "";
    const title = mode.kind === "edit" ? t("editing") : t("replyTo", { name: this.phone.authorIn(message) });
    this.banner.replaceChildren(
      icon(mode.kind),
      h("div", { class: "banner-words" }, h("strong", { dir: "auto", text: title }), h("span", { dir: "auto", text: summary(message) })),
      h("button", { type: "button", class: "icon-button", "aria-label": t("cancel"), onclick: () => this.setMode(null) }, icon("close")),
    );
    this.text.focus();
  }

  /** Show the controls that fit the chat's current state. */
  update() {
    const { phone } = this;
    const user = world.users.get(phone.user);
    if (!user) return;
    const isPrivate = phone.chat === phone.user;
    const wantsStart = isPrivate && (phone.startPayload !== null || (!user.has_written && !user.blocked));
    const closed = user.deactivated || (isPrivate && user.blocked);
    this.row.hidden = wantsStart || closed;
    this.start.hidden = !wantsStart && !closed;
    const sig = `${wantsStart}${closed}${user.deactivated}`;
    if (this.startSig !== sig) {
      this.startSig = sig;
      this.start.replaceChildren(...this.startParts(user, wantsStart, closed));
    }
    this.menu.hidden = commandsFor(user, phone.chat).length === 0 || (!isPrivate && !world.groups.get(phone.chat)?.bot_is_member);
    this.showKeys(wantsStart || closed);
    if (this.mode && !messageOf(phone.chat, this.mode.id)) this.setMode(null);
    this.grow();
  }

  startParts(user, wantsStart, closed) {
    if (user.deactivated) return [h("p", { text: t("gone") })];
    if (closed) return [h("button", { type: "button", class: "start-button", text: t("unblock"), onclick: () => this.phone.block(false) })];
    if (wantsStart) return [h("button", { type: "button", class: "start-button", text: t("start"), onclick: () => this.phone.tapStart() })];
    return [];
  }

  /** The reply keyboard in force: [message, markup] or null. */
  currentKeys() {
    const all = entries(this.phone.chat);
    for (let i = all.length - 1; i >= 0; i -= 1) {
      const { message } = all[i];
      const markup = message.reply_markup;
      if (markup?.remove_keyboard) return null;
      if (!Array.isArray(markup?.keyboard)) continue;
      const used = markup.one_time_keyboard && all.slice(i + 1).some((later) => later.message.from?.id === this.phone.user);
      return [message, markup, used];
    }
    return null;
  }

  showKeys(closed) {
    const found = closed ? null : this.currentKeys();
    const [message, markup, used] = found ?? [];
    if (used && this.usedKeys !== message.message_id) {
      this.usedKeys = message.message_id;
      this.keysHidden.add(message.message_id);
    }
    const hidden = !found || this.keysHidden.has(message.message_id);
    this.keysButton.hidden = !found;
    this.keysButton.setAttribute("aria-expanded", String(!hidden));
    this.keys.hidden = hidden;
    this.text.placeholder = (found && markup.input_field_placeholder) || t("write");
    if (!found || this.keysFor === markup) return;
    this.keysFor = markup;
    this.keys.replaceChildren(
      ...markup.keyboard.map((row) =>
        h(
          "div",
          { class: "reply-row" },
          row.map((key) => h("button", { type: "button", class: "reply-key", dir: "auto", text: String(key.text ?? key), onclick: () => this.pressKey(key) })),
        ),
      ),
    );
  }

  toggleKeys() {
    const id = this.currentKeys()?.[0].message_id;
    if (this.keysHidden.has(id)) this.keysHidden.delete(id);
    else this.keysHidden.add(id);
    this.update();
  }

  async pressKey(key) {
    const { phone } = this;
    if (key.request_contact) {
      if (await phone.confirm(t("shareContact", { name: world.bot.first_name }), t("share"))) await phone.say({ contact: true });
    } else if (key.request_location) {
      await this.location();
    } else if (key.request_poll || key.request_users || key.request_chat || key.web_app) {
      phone.toast(t("notHere"));
    } else {
      await phone.say({ text: String(key.text ?? key) });
    }
  }

  commands() {
    const user = world.users.get(this.phone.user);
    const inGroup = this.phone.chat < 0;
    const items = commandsFor(user, this.phone.chat).map(({ command, description }) => ({
      text: `/${command}`,
      hint: description,
      run: () => this.phone.say({ text: inGroup ? `/${command}@${world.bot.username}` : `/${command}` }),
    }));
    openMenu(this.menu, items, t("botMenu")).classList.add("command-menu");
  }

  attach() {
    openMenu(
      this.clip,
      [
        { icon: "photo", text: t("photo"), run: () => this.photos() },
        { icon: "mic", text: t("voice5"), run: () => this.phone.say({ voice: { size: FIVE_SECONDS, duration: 5 } }) },
        { icon: "mic", text: t("voiceFile"), run: () => this.voiceFile() },
        { icon: "file", text: t("document"), run: () => this.anyFile() },
        { icon: "pin", text: t("place"), run: () => this.location() },
        { icon: "person", text: t("myContact"), run: () => this.phone.say({ contact: true }) },
        { icon: "forward", text: t("foreign"), run: () => this.foreign() },
      ],
      t("attach"),
    );
  }

  async location() {
    const place = await askPlace();
    if (place) await this.phone.say({ location: place });
  }

  async voiceFile() {
    const [file] = await choose("audio/*");
    if (!file) return;
    const [base64, duration] = await Promise.all([fileData(file), soundLength(file)]);
    await this.phone.say({ voice: { base64, duration, name: file.name, mime_type: file.type || "audio/ogg" } });
  }

  async anyFile() {
    const [file] = await choose("");
    if (!file) return;
    await this.phone.say({ document: { base64: await fileData(file), name: file.name, mime_type: file.type } });
  }

  /** The photo dialog: ready-made scenes, chosen files, a caption. */
  async photos(files = []) {
    const chosen = []; // base64 of files
    const picked = new Set(); // names of scenes
    const shelf = h("div", { class: "scenes" });
    const caption = h("input", { type: "text", maxlength: "1024", dir: "auto", value: this.value });
    const tile = (image, name, pressed, toggle) => {
      const button = h("button", { type: "button", class: "scene", "aria-pressed": String(pressed), onclick: () => toggle(button) }, image, name ? h("span", { text: name }) : null);
      return button;
    };
    for (const name of scenes()) {
      shelf.append(
        tile(scene(name), t(name), false, (button) => {
          if (picked.has(name)) picked.delete(name);
          else picked.add(name);
          button.setAttribute("aria-pressed", String(picked.has(name)));
        }),
      );
    }
    const addFiles = async (more) => {
      for (const file of more) {
        try {
          const data = await photoData(file);
          const item = { data };
          chosen.push(item);
          shelf.append(
            tile(h("img", { src: data, alt: file.name }), "", true, (button) => {
              const at = chosen.indexOf(item);
              if (at >= 0) chosen.splice(at, 1);
              else chosen.push(item);
              button.setAttribute("aria-pressed", String(at < 0));
            }),
          );
        } catch {
          this.phone.toast(t("badPhoto"));
        }
      }
    };
    if (files.length) addFiles(files);
    const had = this.value;
    const sent = await ask({
      title: t("photoTitle"),
      action: t("send"),
      wide: true,
      body: [
        shelf,
        h("button", { type: "button", class: "choose-file", onclick: async () => addFiles(await choose("image/*", true)) }, icon("photo"), t("choosePhoto")),
        field(t("caption"), caption),
      ],
      collect: () => {
        const all = [...picked].map((name) => sceneData(name)).concat(chosen.map(({ data }) => data));
        if (all.length === 0) throw new Error(t("pickOne"));
        return { all: all.slice(0, 10), words: caption.value };
      },
    });
    if (!sent) return;
    const album = sent.all.length > 1 ? { media_group_id: `${Date.now()}${Math.floor(Math.random() * 1000)}` } : {};
    const reply = this.mode?.kind === "reply" ? { reply_to: this.mode.id } : {};
    for (const [i, photo] of sent.all.entries()) {
      const done = await this.phone.say({ photo, ...album, ...reply, ...(i === 0 && sent.words.trim() ? { caption: sent.words } : {}) });
      if (!done) return;
    }
    if (had && this.value === had) this.value = "";
    this.setMode(null);
  }

  /** Forward a message of an outsider to the bot. */
  async foreign() {
    const name = h("input", { type: "text", value: t("scamName"), dir: "auto" });
    const text = h("textarea", { rows: "4", dir: "auto" });
    text.value = t("scamText");
    const sent = await ask({
      title: t("foreignTitle"),
      action: t("send"),
      body: [field(t("fromWhom"), name), field(t("whatText"), text)],
      collect: () => ({ text: text.value, forward_from: name.value || t("somebody") }),
    });
    if (sent) await this.phone.say(sent);
  }
}
