// Drives that can be plugged into the public socket. Uses `make`, `send`, `at`, `draw` of world.js.
"use strict";

const STICKS = {
  honest: { zh: "办证的U盘", en: "papers for a licence", more: "FAT32：执照、申请表、合同、发票、照片", moreEn: "FAT32: licence, form, lease, invoice, photographs" },
  large: { zh: "手机备份", en: "telephone backup", more: "exFAT：文件夹里有 19 个文件", moreEn: "exFAT: 19 files in folders" },
  bad: { zh: "有问题的U盘", en: "a bad one", more: "脚本、宏、炸弹、假图片，只有一个好文件", moreEn: "scripts, macros, bombs, a program that calls itself a picture; one good file" },
  locked: { zh: "加密的U盘", en: "locked by BitLocker", more: "没有密码读不了", moreEn: "cannot be read without its password" },
  broken: { zh: "坏的U盘", en: "damaged", more: "开头的数据丢了", moreEn: "its beginning is lost" },
};

at("drives").addEventListener("click", (event) => {
  const stick = event.target.closest("button");
  if (!stick) return;
  const plugged = stick.getAttribute("aria-pressed") === "true";
  send(plugged ? { do: "drive", on: false } : { do: "drive", on: true, kind: stick.dataset.kind });
});

function stickNode(kind, socket) {
  const words = STICKS[kind] ?? { zh: kind, en: kind, more: "", moreEn: "" };
  const pressed = socket.kind === kind || socket.coming === kind;
  const act = socket.coming === kind ? ["正在插入…", "plugging in"] : pressed ? ["拔下来", "pull it out"] : ["插上", "plug it in"];
  const node = make("button", { type: "button", class: "stick", "aria-pressed": String(pressed) },
    make("b", {}, words.zh), english(words.en),
    make("span", { class: "holds" }, words.more, english(words.moreEn)),
    make("span", { class: "act" }, act[0], english(act[1])));
  node.dataset.kind = kind;
  node.disabled = !pressed && Boolean(socket.kind || socket.coming);
  return node;
}

window.showDrive = (socket) => {
  at("usb").hidden = !socket;
  if (!socket) return;
  at("socket").dataset.full = Boolean(socket.kind);
  draw("drives", [socket.kind, socket.coming, socket.kinds], () => socket.kinds.map((kind) => stickNode(kind, socket)));
};
// The first picture may have come before this file.
if (window.lastPicture) window.showDrive(window.lastPicture.usb_drive);
