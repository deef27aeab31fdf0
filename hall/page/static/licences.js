// The licence printer: its trays, its troubles, and the sheets in its output. Uses `make`, `button`, `draw`, `at` of world.js.
"use strict";

const TRAYS = { original: ["正本用纸", "original stock"], copy: ["副本用纸", "copy stock"], plain: ["普通纸", "plain paper"] };
const TROUBLES = [
  { mood: "jam", good: ["没有卡纸", "no jam"], bad: ["卡纸", "jammed"], make: ["卡住一张", "jam a sheet"], mend: ["清除卡纸", "clear the jam"] },
  { mood: "cover_open", good: ["盖子合上", "cover shut"], bad: ["盖子开着", "cover open"], make: ["开盖", "open it"], mend: ["合盖", "shut it"] },
  { mood: "toner", good: ["有墨粉", "toner"], bad: ["没有墨粉", "no toner"], make: ["取走墨粉", "take it out"], mend: ["装墨粉", "put it in"] },
  { mood: "comes", good: ["照实说", "tells the truth"], bad: ["说打好了却没出纸", "says done and prints nothing"], make: ["骗人", "let it lie"], mend: ["照实说", "tell the truth"] },
];
const grey = (node) => { node.classList.add("grave"); return node; };

function outputNodes(sheets) {
  if (!sheets.length) return [make("p", { class: "hint" }, "出纸口是空的。", english("The output is empty."))];
  return [make("p", { class: "sheet-out", "data-sheets": String(sheets.length) }, `出纸口有 ${sheets.length} 张`, english(`${sheets.length} in the output`)),
    button("取走", "take it", { do: "licence", what: "take" })];
}
function trayLine([name, tray]) {
  const [zh, en] = TRAYS[name] ?? [name, name];
  const act = tray.sheets ? grey(button("取空", "empty it", { do: "licence", what: "empty", tray: name })) : button("装纸", "fill it", { do: "licence", what: "fill", tray: name });
  return line(tray.sheets > 0, `${zh}：${tray.sheets} 张`, `${en}: ${tray.sheets}`, act);
}
function troubleLine(moods, { mood, good, bad, make: begin, mend }) {
  const on = { jam: moods.jam, cover_open: moods.cover_open, toner: moods.toner === "empty", comes: moods.comes !== "sheet" }[mood];
  const act = on ? button(...mend, { do: "licence", what: mood, on: false }) : grey(button(...begin, { do: "licence", what: mood, on: true }));
  return line(!on, ...(on ? bad : good), act);
}

window.showLicences = (printer) => {
  at("licences").hidden = !printer;
  if (!printer) return;
  draw("licence-output", printer.output, () => outputNodes(printer.output));
  draw("licence-lines", [printer.trays, printer.moods, printer.plugged], () => [
    ...Object.entries(printer.trays).map(trayLine),
    ...TROUBLES.map((each) => troubleLine(printer.moods, each)),
    line(printer.plugged, printer.plugged ? "已接通" : "已断开", printer.plugged ? "connected" : "disconnected",
      printer.plugged ? grey(button("断开", "disconnect", { do: "licence", what: "plugged", on: false })) : button("接通", "connect", { do: "licence", what: "plugged", on: true })),
  ]);
};
// The first picture may have come before this file.
if (window.lastPicture) window.showLicences(window.lastPicture.licence_printer);
