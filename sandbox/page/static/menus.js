// Menus that close by themselves, dialogs that wait for an answer.
import { h, icon } from "./dom.js";
import { t } from "./words.js";

/** Open a menu beside `anchor` (an element or {x, y}). `items`: [{icon, text, hint, run, danger}] or a node. */
export function openMenu(anchor, items, label) {
  const rows = items.filter(Boolean).map((item) =>
    item instanceof Node
      ? item
      : h(
          "button",
          { type: "button", class: `menu-item${item.danger ? " danger" : ""}`, role: "menuitem", tabindex: "-1", onclick: () => choose(item) },
          item.icon ? icon(item.icon) : null,
          h("span", { class: "menu-words" }, h("span", { text: item.text }), item.hint ? h("small", { text: item.hint }) : null),
        ),
  );
  const menu = h("div", { class: "menu", role: "menu", popover: "auto", "aria-label": label }, rows);
  const opener = document.activeElement;
  const choose = (item) => {
    menu.hidePopover();
    item.run();
  };
  menu.choose = choose;
  document.body.append(menu);
  menu.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    const hadFocus = menu.contains(document.activeElement) || document.activeElement === document.body;
    menu.remove();
    if (hadFocus && opener?.isConnected) opener.focus({ preventScroll: true });
  });
  menu.addEventListener("keydown", (event) => {
    const buttons = [...menu.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (event.key === "Tab") menu.hidePopover();
    if (to === undefined) return;
    event.preventDefault();
    buttons.at(((to % buttons.length) + buttons.length) % buttons.length)?.focus();
  });
  menu.showPopover();
  set(menu, anchor);
  menu.querySelector("button")?.focus({ preventScroll: true });
  return menu;
}

function set(menu, anchor) {
  const box = anchor instanceof Element ? anchor.getBoundingClientRect() : { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y };
  const { offsetWidth: width, offsetHeight: height } = menu;
  const room = { w: document.documentElement.clientWidth, h: window.innerHeight };
  const leftward = box.left + width > room.w - 8;
  const upward = box.bottom + height + 6 > room.h - 8 && box.top > room.h - box.bottom;
  menu.style.left = `${Math.max(8, Math.min(leftward ? box.right - width : box.left, room.w - width - 8))}px`;
  menu.style.top = `${Math.max(8, upward ? box.top - height - 6 : Math.min(box.bottom + 6, room.h - height - 8))}px`;
}

let numbers = 0;

/** A modal dialog with a form. `ok(values)` may return a sentence to refuse; the promise gives what `ok` was given, or null. */
export function ask({ title, body, action, danger = false, collect = () => true, wide = false }) {
  return new Promise((resolve) => {
    numbers += 1;
    const complaint = h("p", { class: "complaint", role: "alert" });
    const button = h("button", { type: "submit", class: danger ? "primary danger" : "primary", text: action });
    const dialog = h(
      "dialog",
      { class: wide ? "dialog wide" : "dialog", "aria-labelledby": `dialog-${numbers}` },
      h(
        "form",
        { method: "dialog", novalidate: true },
        h(
          "header",
          {},
          h("h2", { id: `dialog-${numbers}`, text: title }),
          h("button", { type: "button", class: "icon-button", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close")),
        ),
        h("div", { class: "dialog-body" }, body, complaint),
        h("footer", {}, h("button", { type: "button", text: t("cancel"), onclick: () => dialog.close() }), button),
      ),
    );
    let result = null;
    dialog.querySelector("form").addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      try {
        result = await collect();
        dialog.close();
      } catch (error) {
        complaint.textContent = error.message;
      } finally {
        button.disabled = false;
      }
    });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** A labelled field. */
export function field(label, input) {
  return h("label", { class: "field" }, h("span", { text: label }), input);
}

/** Show a picture large. */
export function lightbox(url, name) {
  const dialog = h(
    "dialog",
    { class: "lightbox", "aria-label": name, onclick: () => dialog.close() },
    h("img", { src: url, alt: name }),
    h("button", { type: "button", class: "icon-button", "aria-label": t("close") }, icon("close")),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** A line at the foot of the page. */
export function notice(text) {
  const node = h("div", { class: "notice", role: "status", text });
  document.body.append(node);
  setTimeout(() => node.remove(), 4000);
}
