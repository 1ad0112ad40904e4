// Places: a drawn card for a message, and the dialog to send one. No map is fetched from anywhere.
import { h, s } from "./dom.js";
import { ask, field } from "./menus.js";
import { t } from "./words.js";

const PLACES = [
  ["placeVillage", 28.9432, 120.1187],
  ["placeHall", 28.9361, 120.1274],
  ["placeStation", 28.9348, 120.1243],
  ["placeMarket", 28.9375, 120.1302],
  ["placeReservoir", 28.9521, 120.1069],
];

/** A small number that depends only on the text. */
function seedOf(text) {
  let seed = 2166136261;
  for (const unit of text) seed = Math.imul(seed ^ unit.codePointAt(0), 16777619);
  return () => {
    seed = Math.imul(seed ^ (seed >>> 15), 2246822507) + 0x9e3779b9;
    return ((seed ^ (seed >>> 13)) >>> 0) / 4294967296;
  };
}

/** 28.93480° N, 120.12430° E */
export function coordinates({ latitude, longitude }) {
  const part = (value, plus, minus) => `${Math.abs(Number(value)).toFixed(5)}° ${value < 0 ? minus : plus}`;
  return `${part(latitude, "N", "S")}, ${part(longitude, "E", "W")}`;
}

/** The card of a location or venue. */
export function placeCard(location, venue) {
  const random = seedOf(`${Number(location.latitude).toFixed(3)}${Number(location.longitude).toFixed(3)}`);
  const drawn = s("svg", { class: "map", viewBox: "0 0 260 120", preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true" });
  const bend = () => 14 + random() * 92;
  drawn.append(s("path", { class: "map-water", d: `M-10 ${bend()} C 60 ${bend()}, 150 ${bend()}, 280 ${bend()}` }));
  for (let i = 0; i < 3; i += 1) {
    drawn.append(s("path", { class: "map-road", d: `M${random() * 260} -10 C ${random() * 260} 40, ${random() * 260} 80, ${random() * 260} 130` }));
  }
  drawn.append(s("path", { class: "map-road", d: `M-10 ${bend()} C 80 60, 180 60, 280 ${bend()}` }));
  for (let i = 0; i < 12; i += 1) {
    drawn.append(
      s("rect", { class: "map-house", x: random() * 246, y: random() * 106, width: 8 + random() * 12, height: 7 + random() * 9, rx: 1.5 }),
    );
  }
  drawn.append(
    s("ellipse", { class: "map-shadow", cx: 130, cy: 66, rx: 9, ry: 3 }),
    s("path", { class: "map-pin", d: "M130 66s14-12.500 14-23a14 14 0 1 0-28 0c0 10.500 14 23 14 23z" }),
    s("circle", { class: "map-hole", cx: 130, cy: 43, r: 5 }),
  );
  return h(
    "div",
    { class: "place" },
    drawn,
    h(
      "div",
      { class: "place-words" },
      venue ? h("strong", { dir: "auto", text: String(venue.title ?? "") }) : null,
      venue ? h("span", { dir: "auto", text: String(venue.address ?? "") }) : null,
      h("span", { class: "figures", text: coordinates(location) }),
    ),
  );
}

/** Ask for a place; null if cancelled. */
export function askPlace() {
  const number = (name, value, limit) =>
    h("input", { name, type: "number", step: "any", min: -limit, max: limit, value, inputmode: "decimal" });
  const latitude = number("latitude", PLACES[0][1], 90);
  const longitude = number("longitude", PLACES[0][2], 180);
  const choices = PLACES.map(([key, north, east], i) =>
    h(
      "label",
      { class: "choice" },
      h("input", {
        type: "radio",
        name: "place",
        checked: i === 0,
        onchange: () => {
          latitude.value = north;
          longitude.value = east;
        },
      }),
      h("span", { text: t(key) }),
    ),
  );
  for (const input of [latitude, longitude]) {
    input.addEventListener("input", () => choices.forEach((choice) => (choice.firstElementChild.checked = false)));
  }
  return ask({
    title: t("placeTitle"),
    action: t("send"),
    body: [
      h("fieldset", { class: "choices" }, h("legend", { text: t("placesHere") }), choices),
      h("div", { class: "two" }, field(t("latitude"), latitude), field(t("longitude"), longitude)),
    ],
    collect() {
      const place = { latitude: Number.parseFloat(latitude.value), longitude: Number.parseFloat(longitude.value) };
      if (!(Math.abs(place.latitude) <= 90 && Math.abs(place.longitude) <= 180)) throw new Error("±90°, ±180°");
      return place;
    },
  });
}
