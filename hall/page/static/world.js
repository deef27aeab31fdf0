// Draws the picture that the server sends (server-sent events) and sends what the visitor does. No library.
"use strict";

const token = document.querySelector("meta[name=token]").content;
const at = (id) => document.getElementById(id);
let chosen = null;
let doors = new Map();
let ahead = 0; // milliseconds that the station's clock is ahead of this browser's

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}
const english = (text) => make("small", { lang: "en" }, text);
const button = (zh, en, data) => {
  const attributes = Object.fromEntries(Object.entries(data).map(([name, value]) => [`data-${name}`, value]));
  return make("button", attributes, zh, english(en));
};
// Only a node whose picture changed is drawn again, so that focus and transitions stay.
const drawn = new Map();
function draw(id, value, nodes) {
  const text = JSON.stringify(value);
  if (drawn.get(id) === text) return;
  drawn.set(id, text);
  at(id).replaceChildren(...nodes());
}

async function send(data) {
  const body = new URLSearchParams({ token, ...data });
  const answer = await fetch("/do", { method: "POST", body });
  const refused = at("refused");
  refused.hidden = answer.ok;
  if (!answer.ok) refused.textContent = await answer.text();
}
document.addEventListener("click", (event) => {
  const pressed = event.target.closest("button");
  if (!pressed) return;
  if (pressed.dataset.door !== undefined && pressed.classList.contains("door")) choose(Number(pressed.dataset.number));
  else if (pressed.dataset.do) send({ ...pressed.dataset });
});

function choose(number) {
  chosen = number;
  for (const node of document.querySelectorAll(".door")) node.setAttribute("aria-pressed", Number(node.dataset.number) === chosen);
  drawPanel();
}

const sizes = { s: "小", m: "中", l: "大" };
function doorNode(door) {
  const node = make("button", { class: "door", type: "button" },
    make("span", { class: "sheet" }),
    make("span", { class: "leaf" }, make("span", { class: "number" }, String(door.number)), make("span", { class: "lock" }), make("span", { class: "marks" })));
  node.dataset.number = door.number;
  return node;
}
function updateDoor(node, door) {
  for (const name of ["size", "door", "locked", "jammed", "item"]) node.dataset[name] = door[name];
  const marks = [door.jammed ? "锁卡" : "", door.stuck ? "传感器卡" : ""].filter(Boolean).join(" ");
  node.querySelector(".marks").textContent = marks;
  node.setAttribute("aria-label", `${door.number} 号 ${door.door === "open" ? "开 open" : "关 closed"} ${marks}`);
  node.setAttribute("aria-pressed", door.number === chosen);
}
function drawBanks(banks) {
  draw("banks", banks.map((bank) => [bank.name, bank.plugged, bank.columns.map((column) => column.map((door) => door.number))]), () =>
    banks.map((bank) => {
      const columns = bank.columns.map((column) => make("div", { class: "column" }, ...column.map(doorNode)));
      return make("div", { class: "bank", "data-plugged": bank.plugged },
        make("p", {}, bank.plugged ? bank.name : `${bank.name}：板卡已拔出 unplugged`), make("div", { class: "columns" }, ...columns));
    }));
  doors = new Map(banks.flatMap((bank) => bank.columns.flat()).map((door) => [door.number, door]));
  for (const node of document.querySelectorAll(".door")) updateDoor(node, doors.get(Number(node.dataset.number)));
  drawPanel();
}

function drawPanel() {
  const door = doors.get(chosen);
  if (!door) return;
  const n = door.number;
  draw("panel", door, () => {
    const open = door.door === "open";
    const acts = [
      open ? button("关门", "shut", { do: "push", compartment: n }) : null,
      !open && !door.locked ? button("拉开", "pull open", { do: "pull", compartment: n }) : null,
      open && !door.item ? button("放入纸张", "put papers in", { do: "item", compartment: n, inside: true }) : null,
      open && door.item ? button("取出纸张", "take papers out", { do: "item", compartment: n, inside: false }) : null,
      !open ? grave(button("撬开", "force open", { do: "force", compartment: n })) : null,
      door.jammed ? button("修好锁", "unjam the lock", { do: "jam", compartment: n, jammed: false }) : grave(button("卡住锁", "jam the lock", { do: "jam", compartment: n, jammed: true })),
      door.stuck ? button("修好传感器", "mend the sensor", { do: "stick", compartment: n, sensor: "" }) : null,
      !door.stuck ? grave(button("传感器卡在“开”", "sensor stuck open", { do: "stick", compartment: n, sensor: "open" })) : null,
      !door.stuck ? grave(button("传感器卡在“关”", "sensor stuck closed", { do: "stick", compartment: n, sensor: "closed" })) : null,
    ].filter(Boolean);
    const state = `${open ? "开着" : "关着"} · ${door.locked ? "已锁" : "未锁"} · 线圈 ${door.pulses} 次`;
    const en = `${open ? "open" : "closed"}, ${door.locked ? "locked" : "unlocked"}, coil pulsed ${door.pulses}×`;
    return [make("h3", {}, `${n} 号（${sizes[door.size] ?? door.size}） ${state}`, english(en)), make("div", { class: "row" }, ...acts)];
  });
}
const grave = (node) => (node.classList.add("grave"), node);

const names = {
  broker: ["消息代理", "broker"], hub: ["中枢", "hub"], dispatch: ["签发", "dispatch"], notify: ["通知", "notify"],
  edge: ["站点程序", "edge agent"], simulate: ["模拟设备", "simulated devices"],
};
function line(ok, zh, en, ...buttons) {
  return make("li", { "data-ok": ok }, make("span", { class: "dot" }), make("span", { class: "what" }, zh, english(en)), ...buttons);
}
function processLine(each) {
  const [zh, en] = names[each.name] ?? [each.name, each.name];
  // The simulated devices are the world itself: it does not die.
  if (each.name === "simulate") return line(each.alive, zh, `${en}, pid ${each.pid}`);
  const act = each.alive ? grave(button("强杀", "kill -9", { do: "kill", process: each.name })) : button("启动", "start", { do: "start", process: each.name });
  return line(each.alive, zh, each.alive ? `${en}, pid ${each.pid}` : `${en}, dead`, act);
}
function cameraLine(camera) {
  if (!camera) return [];
  const [zh, en] = { hang: ["没有图像", "hangs"], stale: ["画面不变", "the same frame for ever"], unplug: ["已拔出", "unplugged"] }[camera.fault] ?? ["正常", "works"];
  const acts = camera.fault ? [button("修好", "mend", { do: "camera", fault: "" })]
    : [["卡住", "hang", "hang"], ["冻结", "freeze", "stale"], ["拔出", "unplug", "unplug"]].map(([act, word, fault]) => grave(button(act, word, { do: "camera", fault })));
  return [line(!camera.fault, `高拍仪：${zh}`, `document camera: ${en}`, ...acts)];
}
function deviceLines(picture) {
  const boards = picture.banks.map((bank) => line(bank.plugged, `锁控板 ${bank.name}`, "lock board",
    bank.plugged ? grave(button("拔出", "unplug", { do: "unplug", board: bank.name })) : button("插回", "plug in", { do: "plug", board: bank.name })));
  const paper = { ok: ["有纸", "paper in"], near_end: ["纸将尽", "paper near its end"], out: ["缺纸", "out of paper"] }[picture.paper] ?? ["?", "?"];
  const fill = picture.paper === "ok" ? grave(button("缺纸", "take paper out", { do: "printer", paper: "out" })) : button("装纸", "put paper in", { do: "printer", paper: "ok" });
  return [...boards, ...cameraLine(picture.camera), line(picture.paper === "ok", `小票打印机：${paper[0]}`, `receipt printer: ${paper[1]}`, fill)];
}

function show(picture) {
  at("lost").hidden = true;
  ahead = picture.shift * 1000;
  document.documentElement.dataset.time = picture.night ? "night" : "day";
  if (picture.banks.length) drawBanks(picture.banks);
  for (const each of document.querySelectorAll("#network button")) each.setAttribute("aria-pressed", each.dataset.fault === picture.network);
  draw("processes", picture.processes, () => picture.processes.map(processLine));
  draw("devices", [picture.paper, picture.camera?.fault, Boolean(picture.camera), picture.banks.map((bank) => bank.plugged)], () => deviceLines(picture));
  if (picture.slips.length) draw("slips", picture.slips, () => picture.slips.map((text) => make("pre", { class: "slip" }, text)));
  if (picture.sms.length) draw("sms", picture.sms, () => picture.sms.map((sms) => make("p", { class: "bubble" }, make("small", {}, sms.head), sms.text)));
  window.lastPicture = picture;
  window.showCounter?.(picture);
  window.showDrive?.(picture.usb_drive);
  window.showLicences?.(picture.licence_printer);
  window.lastCamera = picture.camera;
  window.showMat?.(picture.camera);
  draw("said", picture.said, () => picture.said.map((text) => make("li", {}, text)));
  tick();
}
function showFrames(frames) {
  at("frames").replaceChildren(...frames.map((frame) => make("tr", {}, make("td", {}, frame.at), make("td", {}, frame.bus),
    make("td", {}, frame.way), make("td", { class: "hex" }, frame.hex), make("td", { class: "n" }, String(frame.times)))));
}

const timeText = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const dateText = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", dateStyle: "full" });
function tick() {
  const now = new Date(Date.now() + ahead);
  at("clock").textContent = timeText.format(now);
  at("date").textContent = dateText.format(now);
}
setInterval(tick, 1000);

const events = new EventSource("/events");
events.addEventListener("picture", (event) => show(JSON.parse(event.data)));
events.addEventListener("frames", (event) => showFrames(JSON.parse(event.data)));
events.addEventListener("error", () => { at("lost").hidden = false; });
