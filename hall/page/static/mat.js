// The mat under the document camera: sheets are dragged from the tray and back. Uses `make`, `send`, `at` of world.js.
"use strict";

const FIELD = { width: 460, height: 341 };
const SHEETS = [
  { id: "form", kind: "a4", zh: "申请表", en: "form, A4", width: 210, height: 297, angle: 2 },
  { id: "front", kind: "card_front", zh: "身份证正面", en: "ID card, front", width: 85.6, height: 54, angle: -4 },
  { id: "back", kind: "card_back", zh: "身份证反面", en: "ID card, back", width: 85.6, height: 54, angle: 3 },
  { id: "curved", kind: "a4_curved", zh: "翘起的信", en: "letter that does not lie flat", width: 210, height: 297, angle: -2 },
  { id: "booklet", kind: "booklet", zh: "户口簿", en: "household booklet", width: 125, height: 176, angle: 4 },
  { id: "receipt", kind: "receipt", zh: "收据", en: "receipt", width: 80, height: 180, angle: 1 },
];
const mat = at("mat"), tray = at("tray");
const sheetNodes = new Map();
let dragged = null;

for (const sheet of SHEETS) {
  const node = make("button", { class: "paper-sheet", type: "button", "data-kind": sheet.kind }, sheet.zh, english(sheet.en));
  node.style.setProperty("--w", sheet.width / FIELD.width);
  node.style.setProperty("--ratio", sheet.width / sheet.height);
  sheetNodes.set(sheet.id, node);
  tray.append(node);
  node.addEventListener("pointerdown", (event) => {
    dragged = { sheet, node, x: event.clientX, y: event.clientY, moved: false };
    node.setPointerCapture(event.pointerId);
  });
  node.addEventListener("pointermove", (event) => drag(event));
  node.addEventListener("pointerup", (event) => drop(event));
  node.addEventListener("pointercancel", () => letGo());
  // From the keyboard there is no pointer: a press lays the sheet down or takes it away.
  node.addEventListener("click", (event) => { if (event.detail === 0) toggle(sheet, node); });
}

function drag(event) {
  if (!dragged) return;
  const [dx, dy] = [event.clientX - dragged.x, event.clientY - dragged.y];
  if (!dragged.moved && Math.hypot(dx, dy) < 6) return;
  if (!dragged.moved) send({ do: "hand", on: true });
  dragged.moved = true;
  dragged.node.style.translate = `${dx}px ${dy}px`;
  dragged.node.classList.add("held");
}
async function drop(event) {
  if (!dragged) return;
  const { sheet, node, moved } = dragged;
  if (!moved) { letGo(); toggle(sheet, node); return; }
  const place = mat.getBoundingClientRect(), box = node.getBoundingClientRect();
  const x = ((box.left + box.width / 2 - place.left) / place.width) * FIELD.width;
  const y = ((box.top + box.height / 2 - place.top) / place.height) * FIELD.height;
  const inside = x > 0 && x < FIELD.width && y > 0 && y < FIELD.height;
  await (inside ? lay(sheet, x, y) : take(sheet));
  await send({ do: "hand", on: false });
  letGo();
}
function letGo() {
  if (dragged) { dragged.node.style.translate = ""; dragged.node.classList.remove("held"); }
  dragged = null;
}
const lay = (sheet, x, y) => send({ do: "sheet", id: sheet.id, kind: sheet.kind, x_mm: x.toFixed(1), y_mm: y.toFixed(1), angle: sheet.angle });
const take = (sheet) => send({ do: "sheet", id: sheet.id, kind: "" });
const toggle = (sheet, node) => (node.parentElement === mat ? take(sheet) : lay(sheet, FIELD.width / 2, FIELD.height / 2));

window.showMat = (camera) => {
  at("desk").hidden = !camera;
  if (!camera) return;
  mat.dataset.hand = camera.hand;
  for (const sheet of SHEETS) {
    const laid = camera.sheets[sheet.id], node = sheetNodes.get(sheet.id);
    const home = laid ? mat : tray;
    if (node.parentElement !== home) home.append(node);
    node.style.left = laid ? `${(100 * laid.x_mm) / FIELD.width}%` : "";
    node.style.top = laid ? `${(100 * laid.y_mm) / FIELD.height}%` : "";
    node.style.rotate = laid ? `${laid.angle}deg` : "";
  }
};
// The first picture may have come before this file.
if (window.lastCamera) window.showMat(window.lastCamera);
