// The page of phones: puts the bar and the phones together.
import { Bar, control } from "./bar.js";
import { h } from "./dom.js";
import { avatar, nameOf } from "./people.js";
import { Phone, settleAnswer } from "./phone.js";
import { chatsOf, connect, onChange, onEvent, refresh, replay, unread, world } from "./store.js";
import { t } from "./words.js";

const MOST = 6;
const AT_FIRST = 4;
const place = document.getElementById("phones");
const switcher = document.getElementById("personas");
const phones = [];
let active = 0;

const hooks = {
  changed: remember,
  canRemove: () => phones.length > 1,
  remove(phone) {
    phones.splice(phones.indexOf(phone), 1);
    phone.node.remove();
    growing = false;
    active = Math.min(active, phones.length - 1);
    remember();
    showSwitcher();
  },
};

function remember() {
  try {
    sessionStorage.setItem("phones", JSON.stringify(phones.map(({ user, chat }) => [user, chat])));
  } catch {
    // not remembered
  }
}

/** The phones shown first: those of this tab's last visit, those of the world file, or the first four people. */
function seats() {
  const fits = ([user, chat]) => world.users.has(user) && chatsOf(user).includes(chat);
  try {
    const kept = JSON.parse(sessionStorage.getItem("phones") ?? "[]").filter(fits);
    if (kept.length > 0) return kept;
  } catch {
    // nothing kept
  }
  const seated = new Set(world.phones.filter((id) => world.users.has(id)));
  const all = [];
  for (const id of world.phones) {
    if (world.users.has(id)) all.push([id, id]);
    const members = world.groups.get(id)?.members ?? [];
    const viewer = members.find((user) => !seated.has(user)) ?? members[0];
    if (viewer !== undefined) {
      all.push([viewer, id]);
      seated.add(viewer);
    }
  }
  for (const user of world.users.keys()) {
    if (all.length >= AT_FIRST) break;
    if (!seated.has(user)) all.push([user, user]);
  }
  return all;
}

function addPhone(user, chat) {
  const phone = new Phone(user, chat, hooks);
  phones.push(phone);
  place.append(phone.node);
}

/** Assign phones to the existing people. If there are few, more phones appear as people are added. */
function seat() {
  for (const phone of phones.filter(({ user }) => !world.users.has(user))) {
    phones.splice(phones.indexOf(phone), 1);
    phone.node.remove();
    growing = true;
  }
  const nobody = world.users.size === 0;
  const card = place.querySelector(".welcome");
  if (nobody && !card) place.append(welcome());
  if (!nobody) card?.remove();
  if (nobody) return;
  if (phones.length === 0) {
    for (const [user, chat] of seats()) addPhone(user, chat);
    active = 0;
    growing = phones.length < AT_FIRST;
  } else if (growing) {
    while (phones.length < Math.min(AT_FIRST, world.users.size)) addNext();
    growing = phones.length < AT_FIRST;
  }
}

let growing = false;

function addNext() {
  const seated = new Set(phones.map((phone) => phone.user));
  const user = [...world.users.keys()].find((id) => !seated.has(id)) ?? phones[0]?.user;
  if (user !== undefined) addPhone(user, user);
  remember();
  showSwitcher();
}

function welcome() {
  return h(
    "div",
    { class: "welcome" },
    h("h2", { text: t("nobody") }),
    h("p", { text: t("nobodyHint") }),
    h("div", { class: "welcome-buttons" }, h("button", { type: "button", class: "primary", text: t("example"), onclick: example }), h("button", { type: "button", text: t("addPerson"), onclick: () => bar.addPerson() })),
  );
}

async function example() {
  const people = [];
  for (const key of ["exampleVillager", "exampleChair", "exampleOfficer"]) {
    const user = await control("/control/users", { first_name: t(key), title: t(`${key}Title`), language_code: "zh-hans" });
    if (!user) return;
    people.push(user.id);
  }
  await control("/control/groups", { title: t("exampleGroup"), type: "supergroup", members: people, admins: [people[1]] });
}

/** On a narrow screen: the phone that is shown. */
function showSwitcher() {
  phones.forEach((phone, i) => phone.node.classList.toggle("active", i === active));
  switcher.setAttribute("aria-label", t("persona"));
  const signature = JSON.stringify(phones.map(({ user }, i) => [user, i === active, waiting(user), nameOf(world.users.get(user))]));
  if (switcher.dataset.signature === signature) return;
  switcher.dataset.signature = signature;
  const focused = [...switcher.children].indexOf(document.activeElement);
  switcher.replaceChildren(
    ...phones.map(({ user }, i) => {
      const name = nameOf(world.users.get(user));
      const fresh = waiting(user);
      return h(
        "button",
        { type: "button", class: "persona-chip", "aria-pressed": String(i === active), onclick: () => choose(i) },
        avatar(user, name, "small"),
        h("bdi", { text: name }),
        fresh && i !== active ? h("span", { class: "badge figures", "aria-label": t("unread", { n: fresh }), text: fresh > 99 ? "99+" : fresh }) : null,
      );
    }),
  );
  if (focused >= 0) switcher.children[focused]?.focus();
}

const waiting = (user) => chatsOf(user).reduce((sum, chat) => sum + unread(user, chat), 0);

function choose(i) {
  active = i;
  showSwitcher();
  phones[i].update();
  phones[i].toBottom();
}

function rebuild() {
  bar.build();
  place.querySelector(".welcome")?.remove();
  for (const phone of phones) phone.build();
  switcher.dataset.signature = "";
  seat();
  showSwitcher();
}

const bar = new Bar(document.getElementById("bar"), {
  rebuild,
  replay,
  addPhone: addNext,
  canAddPhone: () => phones.length < MOST && world.users.size > 0,
  showPerson(id) {
    const show = () => {
      if (!world.users.has(id)) return setTimeout(show, 50);
      if (phones.length === 0) return seat();
      return phones[Math.min(active, phones.length - 1)].setUser(id);
    };
    show();
  },
});

onChange(({ world: everything, chats }) => {
  if (!world.ready) return;
  if (everything) seat();
  for (const phone of phones) {
    if (everything || chats.has(phone.chat)) phone.update();
    else if (chatsOf(phone.user).some((id) => chats.has(id))) phone.updateTabs();
  }
  bar.update();
  showSwitcher();
});

onEvent((event) => {
  if (event.kind === "callback_answered") settleAnswer(event);
  for (const phone of phones) phone.hear(event);
});

setInterval(() => {
  bar.tick();
  for (const phone of phones) phone.tick();
}, 1000);

// Only the state contains the number of pending updates and whether the bot polls.
setInterval(() => {
  if (!document.hidden && world.connected) refresh().catch(() => {});
}, 4000);

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const phone of phones) phone.update();
});

connect();
