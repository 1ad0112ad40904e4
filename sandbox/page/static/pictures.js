// Pictures to send: small scenes drawn here, and chosen files made into JPEGs as a phone would.

const LARGEST = 1280;

function canvas(width, height) {
  const node = document.createElement("canvas");
  node.width = width;
  node.height = height;
  return [node, node.getContext("2d")];
}

function shape(pen, colour, points) {
  pen.fillStyle = colour;
  pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.fill();
}

function sky(pen, top, bottom) {
  const fade = pen.createLinearGradient(0, 0, 0, 600);
  fade.addColorStop(0, top);
  fade.addColorStop(1, bottom);
  pen.fillStyle = fade;
  pen.fillRect(0, 0, 800, 600);
}

function house(pen, x, y, w, h, wall, roof) {
  pen.fillStyle = wall;
  pen.fillRect(x, y, w, h);
  shape(pen, roof, [[x - 18, y], [x + w / 2, y - h * 0.42], [x + w + 18, y]]);
  pen.fillStyle = "rgba(20,30,40,.45)";
  pen.fillRect(x + w * 0.16, y + h * 0.28, w * 0.2, h * 0.26);
  pen.fillRect(x + w * 0.6, y + h * 0.34, w * 0.22, h * 0.66);
}

const SCENES = {
  sceneLamp(pen) {
    sky(pen, "#131b33", "#3a3f5c");
    pen.fillStyle = "#e8e2c4";
    pen.beginPath();
    pen.arc(640, 110, 34, 0, 7);
    pen.fill();
    shape(pen, "#232a40", [[0, 360], [190, 250], [380, 350], [560, 270], [800, 370], [800, 600], [0, 600]]);
    house(pen, 90, 340, 170, 120, "#39405a", "#20263a");
    shape(pen, "#171c2b", [[300, 600], [400, 400], [440, 400], [640, 600]]);
    pen.fillStyle = "#0c101a";
    pen.fillRect(560, 190, 10, 330);
    pen.fillRect(490, 186, 80, 9);
    shape(pen, "#0c101a", [[478, 195], [522, 195], [514, 214], [486, 214]]);
  },
  sceneWall(pen) {
    sky(pen, "#bcd3df", "#eef1ea");
    shape(pen, "#a9bfa0", [[0, 330], [260, 240], [520, 320], [800, 250], [800, 600], [0, 600]]);
    house(pen, 60, 270, 220, 170, "#efe7d8", "#6b4a3f");
    house(pen, 560, 290, 180, 150, "#e5dccb", "#7a5547");
    shape(pen, "#c9c2b3", [[250, 600], [380, 400], [470, 400], [650, 600]]);
    for (let row = 0; row < 7; row += 1)
      for (let brick = 0; brick < 8; brick += 1) {
        pen.fillStyle = ["#a85a41", "#b4654a", "#9c5139"][(row * 3 + brick) % 3];
        pen.fillRect(330 + brick * 36 - (row % 2) * 16, 520 - row * 22, 33, 19);
      }
  },
  sceneWater(pen) {
    sky(pen, "#7f8f9b", "#c3cacb");
    shape(pen, "#73876f", [[0, 300], [300, 250], [800, 320], [800, 600], [0, 600]]);
    house(pen, 520, 280, 200, 140, "#d9d2c4", "#4d5358");
    pen.fillStyle = "#7d786d";
    pen.fillRect(0, 420, 800, 180);
    pen.fillStyle = "#9fb4bd";
    pen.beginPath();
    pen.ellipse(360, 505, 290, 62, 0, 0, 7);
    pen.fill();
    pen.strokeStyle = "rgba(255,255,255,.55)";
    pen.lineWidth = 3;
    for (const [x, y, r] of [[260, 500, 46], [430, 520, 60], [520, 490, 30]]) {
      pen.beginPath();
      pen.ellipse(x, y, r, r / 4, 0, 0, 7);
      pen.stroke();
    }
    pen.strokeStyle = "rgba(255,255,255,.35)";
    for (let i = 0; i < 46; i += 1) {
      const x = (i * 173) % 820;
      const y = (i * 97) % 380;
      pen.beginPath();
      pen.moveTo(x, y);
      pen.lineTo(x - 10, y + 34);
      pen.stroke();
    }
  },
  sceneFire(pen) {
    sky(pen, "#d8d5cd", "#bdb8ad");
    shape(pen, "#a49d90", [[0, 600], [0, 470], [230, 410], [570, 410], [800, 470], [800, 600]]);
    pen.fillStyle = "#e9e6de";
    pen.fillRect(230, 60, 340, 350);
    pen.fillStyle = "#8f877a";
    for (let i = 0; i < 6; i += 1) pen.fillRect(300 + i * 22, 380 - i * 34, 270 - i * 22, 12);
    for (const [x, y, w, h, c] of [[120, 400, 130, 110, "#b98b56"], [150, 300, 110, 100, "#c79a66"], [270, 430, 110, 90, "#a87a48"], [540, 430, 120, 100, "#bd9260"]]) {
      pen.fillStyle = c;
      pen.fillRect(x, y, w, h);
      pen.fillStyle = "rgba(80,50,20,.35)";
      pen.fillRect(x, y + h / 2 - 5, w, 8);
    }
    pen.fillStyle = "#b3372f";
    pen.fillRect(620, 250, 70, 90);
    pen.fillStyle = "rgba(255,255,255,.8)";
    pen.fillRect(632, 290, 46, 10);
  },
};

/** The names of the ready-made pictures. */
export const scenes = () => Object.keys(SCENES);

/** Draw one of them. */
export function scene(name) {
  const [node, pen] = canvas(800, 600);
  SCENES[name](pen);
  return node;
}

const encoded = (node) => node.toDataURL("image/jpeg", 0.88);

/** A ready-made picture as the control API takes it. */
export const sceneData = (name) => encoded(scene(name));

/** A chosen file as a JPEG no larger than a phone would send. Rejects files that are not pictures. */
export async function photoData(file) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, LARGEST / Math.max(bitmap.width, bitmap.height));
  const [node, pen] = canvas(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, node.width, node.height);
  pen.drawImage(bitmap, 0, 0, node.width, node.height);
  bitmap.close();
  return encoded(node);
}

/** Any file's bytes as base64. */
export function fileData(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split("base64,")[1] ?? "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

/** The duration of a sound in whole seconds; 3 if unknown. */
export function soundLength(file) {
  return new Promise((resolve) => {
    const url = URL.createObjectURL(file);
    const audio = new Audio();
    const done = (seconds) => {
      URL.revokeObjectURL(url);
      resolve(Number.isFinite(seconds) ? Math.max(1, Math.round(seconds)) : 3);
    };
    audio.onloadedmetadata = () => done(audio.duration);
    audio.onerror = () => done(NaN);
    audio.src = url;
  });
}
